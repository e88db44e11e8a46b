"""Brings the tables up to date by the steps in ``migrations`` (Alembic)."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text

_LOCK = 0x50_52_4F_53
"""Any number: processes that start at the same time lock it, so that one of them migrates."""


class NewerDatabase(Exception):
    """The database has a step that this version does not know."""


def migrate(connection: Connection) -> None:
    """Creates the tables, or changes those of an older version, all in the connection's transaction.

    Raises: NewerDatabase, DBAPIError.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = Config()
    config.set_main_option("script_location", "api.storage:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise NewerDatabase from error
