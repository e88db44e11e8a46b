"""Runs ``prospectus ingest`` in processes that are there to be killed; for test_kills.py.

Chroma takes a second and more to import. So this program imports it once and forks for each run. It reads one
JSON object a line, ``{"data", "pages", "at", "signal"}``, and answers with the id of the process. After a
second line it waits for the end of the process, and answers with its status (negative: the signal that ended
it) and the steps it took. A step is a call that changes files or starts a program; before step ``at`` the
process sends itself ``signal``.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from bag_of_words import BagOfWords

import ingest.building
from api.backend import LocalBackend
from api.command_line import app

STEPS = ("os.", "shutil.", "sqlite3.connect", "subprocess.Popen")
# Texts a batch: several batches for the few texts of a test.
BATCH = 4


def count_steps(at: int | None, number: int, steps: list[int]) -> None:
    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if not int(arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR):
                return
        elif not event.startswith(STEPS) or event in {"os.listdir", "os.scandir", "os.putenv"}:
            return
        steps[0] += 1
        if steps[0] == at:
            os.kill(os.getpid(), number)

    sys.addaudithook(hear)


def run(order: dict[str, Any], counted: Path) -> int:
    """Ingest as the command does, in this process; return its exit status."""
    os.environ["PROSPECTUS_DATA_DIR"] = order["data"]
    ingest.building.PROGRESS_STEP = BATCH
    steps = [0]
    count_steps(order["at"], order["signal"], steps)
    try:
        app(args=["ingest", order["pages"], "--json"], obj=partial(LocalBackend, embedder=BagOfWords()))
    except SystemExit as end:
        counted.write_text(str(steps[0]), encoding="ascii")
        return int(end.code or 0)
    raise RuntimeError("the command did not exit")


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        counted = Path(order["data"]).parent / "steps"
        counted.unlink(missing_ok=True)
        child = os.fork()
        if child == 0:
            with open(os.devnull, "w", encoding="utf-8") as nowhere:
                os.dup2(nowhere.fileno(), sys.stdout.fileno())
                os._exit(run(order, counted))
        print(child, flush=True)
        sys.stdin.readline()  # until then the id belongs to nobody else
        _, status = os.waitpid(child, 0)
        steps = counted.read_text(encoding="ascii") if counted.exists() else "0"
        print(os.waitstatus_to_exitcode(status), steps, flush=True)


if __name__ == "__main__":
    main()
