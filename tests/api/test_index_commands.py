"""The commands on the index, on a real one: what is listed, erased and taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.backend import LocalBackend
from api.command_line import app
from api.settings import Settings
from api.storage.conversations import Conversations
from api.storage.database import open_database
from api.storage.errors import UnknownConversation
from assistant.conversation import Turn
from ingest.embedding import Embedder
from ingest.generations import current_generation

Run = Callable[..., Result]
FEES = "---\ntitle: Fees\nmodified_on: 2026-09-01\n---\n\n# Fees\n\n## Tuition\n\nTuition: 900 EUR\n"


@pytest.fixture
def run(minilm: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder with pages, a sources.toml that ranks one of them, and no index yet."""

    backend = partial(LocalBackend, embedder=minilm)
    pages = tmp_path / "corpus"
    pages.mkdir()
    (pages / "fees.md").write_text(FEES, encoding="utf-8")
    (pages / "rooms.md").write_text("# Rooms\n\nA room costs 600 EUR per month.\n", encoding="utf-8")
    (pages / "sources.toml").write_text('[[source]]\npath = "fees.md"\nrank = 5\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, list(arguments), obj=backend)


def test_sources_lists_each_document_and_what_could_not_be_read(run: Run) -> None:
    Path("corpus/broken.md").write_bytes(b"\xff\xfe\xff")
    assert run("ingest").exit_code == 1

    listed = run("sources")
    lines = listed.stdout.splitlines()
    assert listed.exit_code == 0
    assert lines[:2] == ["fees  Fees", "    corpus/fees.md"]
    assert lines[2].startswith("    page of 2026-09-01, read 20")
    assert lines[2].endswith(", 1 passage, 1 unit of evidence, rank 5")
    assert lines[3:5] == ["rooms  Rooms", "    corpus/rooms.md"]
    assert lines[5].startswith("    page without a date, read 20")
    assert lines[6].startswith("unreadable  corpus/broken.md: ")
    assert listed.stderr.startswith("2 documents, 2 passages; generation 000001-")

    record = json.loads(run("sources", "--json").stdout)
    assert [(each["id"], each["rank"], each["passages"]) for each in record["documents"]] == [
        ("fees", 5, 1),
        ("rooms", 0, 1),
    ]
    assert [each["name"] for each in record["unreadable"]] == ["corpus/broken.md"]


def test_sources_without_an_index_says_what_to_do(run: Run) -> None:
    listed = run("sources")
    assert listed.exit_code == 1
    assert "`prospectus ingest` builds one" in listed.stderr


def test_a_removed_document_is_gone_with_the_conversations_that_quoted_it(run: Run) -> None:
    assert run("ingest").exit_code == 0
    settings = Settings()
    database = open_database(settings.data_dir, None)
    said = Conversations(database)
    kept, erased = said.begin("a"), said.begin("b")
    for conversation, document in ((kept, "fees"), (erased, "rooms")):
        turn = Turn("How much?", "How much is a room?", "600 EUR per month")
        reply = {"text": "600 EUR per month", "citations": [{"document_id": document}]}
        said.add(conversation, None, f"m-{document}", turn, reply)
    database.close()

    removed = run("remove", "rooms")
    assert removed.exit_code == 0
    assert removed.stdout == "Erased rooms (Rooms).\nErased 1 conversation in which it was quoted.\n"
    assert removed.stderr.startswith("corpus/rooms.md still has it: delete it there")
    for path in settings.data_dir.rglob("*"):
        if path.is_file():
            assert b"A room costs" not in path.read_bytes()
    database = open_database(settings.data_dir, None)
    assert Conversations(database).export(kept, "a").messages
    with pytest.raises(UnknownConversation):
        Conversations(database).export(erased, "b")
    database.close()
    assert [each["id"] for each in json.loads(run("sources", "--json").stdout)["documents"]] == ["fees"]
    # There is nothing to go back to.
    assert run("rollback").exit_code == 1


def test_what_is_not_there_cannot_be_removed(run: Run) -> None:
    run("ingest")
    refused = run("remove", "room")
    assert refused.exit_code == 1
    assert refused.stderr == (
        "error: The index holds no document 'room'. `prospectus sources` lists those it does.\n"
    )


def test_rollback_takes_the_last_ingest_back_and_a_second_one_that(run: Run) -> None:
    run("ingest")
    first = current_generation(Settings().data_dir)
    shutil.copy("corpus/rooms.md", "corpus/flats.md")
    run("ingest")
    second = current_generation(Settings().data_dir)

    back = run("rollback")
    assert back.exit_code == 0
    assert str(first) in back.stdout
    assert current_generation(Settings().data_dir) == first
    assert run("rollback").exit_code == 0
    assert current_generation(Settings().data_dir) == second


def test_many_pages_that_vanish_at_once_stop_the_ingest(run: Run) -> None:
    run("ingest")
    before = current_generation(Settings().data_dir)
    for page in ("fees", "rooms"):
        Path(f"corpus/{page}.md").rename(f"corpus/new-{page}.md")
    stopped = run("ingest")
    assert stopped.exit_code == 1
    assert "error: 2 of 2 pages have vanished, more than 25%." in stopped.stderr
    assert "--allow-deletions" in stopped.stderr
    assert current_generation(Settings().data_dir) == before
    Path("corpus/sources.toml").unlink()  # it names one of the two
    assert run("ingest", "--allow-deletions").exit_code == 0


def test_a_mistake_in_the_list_of_sources_is_wrong_usage_and_named_with_its_line(run: Run) -> None:
    Path("corpus/sources.toml").write_text('[[source]]\npath = "fees.md"\nrank = "high"\n', encoding="utf-8")
    wrong = run("ingest")
    assert wrong.exit_code == 2
    assert "line 3" in wrong.stderr
    assert current_generation(Settings().data_dir) is None
