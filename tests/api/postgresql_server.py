"""A PostgreSQL server of the machine's own packages, started in a folder of its own for the tests."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

PACKAGES = Path("/usr/lib/postgresql")


class PostgresqlServer:
    """A running server; whoever reaches its socket may do everything."""

    def __init__(self, socket_folder: Path) -> None:
        self._folder = socket_folder
        self._names = (f"prospectus_{number}" for number in itertools.count())

    def new_database(self) -> str:
        """The URL of an empty place: a user whose tables are in a schema of their own.

        A database of its own for each test would take the server most of a second.
        """
        name = next(self._names)
        self.administer(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        self.administer(sql.SQL("CREATE SCHEMA AUTHORIZATION {}").format(sql.Identifier(name)))
        return f"postgresql://{name}@/postgres?host={quote(str(self._folder))}"

    def administer(self, statement: sql.Composable) -> None:
        with psycopg.connect(
            host=str(self._folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


def programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres`` of the newest version installed, None without one."""
    found = [folder for folder in PACKAGES.glob("*/bin") if (folder / "initdb").exists()]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


@contextmanager
def running(folder_of_programs: Path) -> Iterator[PostgresqlServer]:
    # Not pytest's folder: that is closed to other users, and its name may be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    account = _account()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    data = folder / "data"
    try:
        subprocess.run(
            [folder_of_programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=folder,
            **as_user,
        )
        server = subprocess.Popen(
            [folder_of_programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-F"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            **as_user,
        )
        try:
            _wait_for(folder, server)
            yield PostgresqlServer(folder)
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it is needed any more
            server.wait(30)
    finally:
        shutil.rmtree(folder)


def _account() -> pwd.struct_passwd | None:
    """The account to run the server as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    accounts = {each.pw_name: each for each in pwd.getpwall()}
    return accounts.get("postgres") or accounts["nobody"]


def _wait_for(folder: Path, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
