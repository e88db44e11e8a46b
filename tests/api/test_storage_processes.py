"""Several processes on one database: servers beside each other, and `prospectus keys` beside a server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from api.callers import Scope
from api.storage.conversations import Conversations
from api.storage.database import Database, open_database
from api.storage.keys import Keys

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from api.storage.conversations import Conversations
from api.storage.database import open_database
from assistant.conversation import Turn

print("ready", flush=True)
sys.stdin.readline()
conversations = Conversations(open_database(Path(sys.argv[1]), sys.argv[2] or None))
conversation_id = conversations.begin(sys.argv[3])
for number in range(20):
    conversations.add(conversation_id, sys.argv[3], f"{sys.argv[3]}-{number}", Turn(str(number), "", ""), {})
    if number == 10:
        erased = conversations.begin(sys.argv[3])
        conversations.delete(erased, sys.argv[3])
        conversations.compact()
print(conversation_id)
"""


def test_processes_that_start_at_once_on_a_new_database_all_get_their_turns_kept(
    tmp_path: Path, database_url: str | None
) -> None:
    arguments = [sys.executable, "-c", PROGRAM, str(tmp_path), database_url or ""]
    processes = [
        subprocess.Popen(
            [*arguments, f"p{number}"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for number in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    ids = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]

    database = open_database(tmp_path, database_url)
    conversations = Conversations(database)
    for number, conversation_id in enumerate(ids):
        turns = conversations.turns(conversation_id, f"p{number}")
        assert [turn.question for turn in turns] == [str(each) for each in range(20)]
    database.close()


def test_a_key_made_or_revoked_elsewhere_counts_at_once(
    database: Database, database_url: str | None, tmp_path: Path
) -> None:
    keys = Keys(database)
    assert keys.all() == ()
    elsewhere = open_database(tmp_path / "data", database_url)
    key, secret = Keys(elsewhere).create("a", Scope)
    assert keys.find(secret) == key

    Keys(elsewhere).revoke(key.id)
    assert keys.find(secret) is None
    elsewhere.close()
