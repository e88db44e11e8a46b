from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from api.storage.conversations import Conversations
from api.storage.database import FILE, Database, open_database
from api.storage.errors import StorageUnusable
from api.storage.keys import Keys
from api.storage.models import Base
from api.storage.rating import Rating
from assistant.conversation import Turn

CONFIG = Config()
CONFIG.set_main_option("script_location", "api.storage:migrations")
STEPS = [step.revision for step in ScriptDirectory.from_config(CONFIG).walk_revisions()][::-1]

OLDEST = (
    "INSERT INTO conversations VALUES ('c1', 'ann', '2026-03-01 12:00:00', '2026-03-01 12:00:00')",
    "INSERT INTO messages VALUES ('m1', 'c1', 0, '2026-03-01 12:00:00', :turn, :reply)",
    "INSERT INTO feedback VALUES ('m1', 'up', 'thanks', '2026-03-01 12:05:00')",
)


def test_the_steps_lead_from_one_to_the_next() -> None:
    assert STEPS == ["0001", "0002", "0003"]


def test_after_all_steps_the_tables_are_those_of_the_models(database: Database) -> None:
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("step", STEPS)
def test_an_older_database_is_brought_up_to_date_and_keeps_what_it_holds(
    database_url: str | None, tmp_path: Path, step: str
) -> None:
    address = f"sqlite:///{tmp_path / FILE}"
    if database_url:
        address = database_url.replace("postgresql:", "postgresql+psycopg:")
    older = create_engine(address)
    with older.begin() as connection:
        CONFIG.attributes["connection"] = connection
        command.upgrade(CONFIG, step)
        values = {
            "turn": json.dumps({"question": "q", "standalone": "s", "reply_text": "r"}),
            "reply": json.dumps({"text": "r"}),
        }
        for statement in OLDEST:
            connection.execute(text(statement), values if ":turn" in statement else {})
    older.dispose()

    database = open_database(tmp_path, database_url)
    try:
        conversations = Conversations(database, clock=lambda: datetime(2026, 3, 2, tzinfo=UTC))
        (message,) = conversations.export("c1", "ann").messages
        assert conversations.turns("c1", "ann") == (Turn("q", "s", "r"),)
        assert (message.message_id, message.reply) == ("m1", {"text": "r"})
        assert message.feedback is not None
        assert (message.feedback.rating, message.feedback.comment) == (Rating.UP, "thanks")
        assert Keys(database).all() == ()
    finally:
        database.close()


def test_opening_a_database_twice_changes_nothing(database_url: str | None, tmp_path: Path) -> None:
    for _ in range(2):
        database = open_database(tmp_path, database_url)
        with database.reading() as session:
            assert session.scalars(text("SELECT version_num FROM alembic_version")).all() == [STEPS[-1]]
        database.close()


def test_the_database_of_a_newer_version_is_refused_and_left_alone(
    database_url: str | None, tmp_path: Path
) -> None:
    database = open_database(tmp_path, database_url)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()

    with pytest.raises(StorageUnusable, match="was written by a newer version of Prospectus"):
        open_database(tmp_path, database_url)
