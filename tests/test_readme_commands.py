"""The README's examples: each is run on the shipped corpus and must print what the README shows.

``python -P tests/test_readme_commands.py`` writes the output of today into the README (without -P, the folder
tests/api would be taken for the package).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import tempfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import api.command_line
from api.app import create_app
from api.backend import LocalBackend
from api.service import Service
from api.settings import Settings

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"

EXAMPLE = re.compile(r"^```console\n\$ (?P<command>.+)\n(?P<output>(?:.*\n)*?)```$", re.M)
EXAMPLES = {
    found["command"]: found["output"] for found in EXAMPLE.finditer(README.read_text(encoding="utf-8"))
}


def comparable(output: str) -> str:
    """The output without what is drawn by lot or depends on the versions of libraries."""
    return re.sub(r'("(?:conversation_id|message_id|generation)": ?)"[^"]*"', r'\1"…"', output)


def output_of(command: str, backend: LocalBackend) -> str:
    """What a command of the README prints: ``prospectus …``, or ``curl`` to its HTTP API."""
    words = shlex.split(command)
    if words[0] == "curl":
        return _curl(words, backend)
    result = CliRunner().invoke(
        api.command_line.app,
        words[1:],
        obj=lambda settings: backend,
        catch_exceptions=False,
        env={"COLUMNS": "80"},
    )
    assert result.exit_code == 0, result.stderr
    return result.stdout


def _curl(words: list[str], backend: LocalBackend) -> str:
    # curl -s ADDRESS -H 'NAME: VALUE' -d BODY | python3 -m json.tool --no-ensure-ascii, or without the pipe
    address, header, body = words[2], words[words.index("-H") + 1], words[words.index("-d") + 1]
    name, _, value = header.partition(": ")
    service = Service(backend)
    service.open()
    with TestClient(create_app(service)) as client:
        path = "/" + address.split("/", 3)[3]
        reply = client.post(path, content=body, headers={name: value})
    if "|" not in words:
        return reply.text
    return json.dumps(reply.json(), indent=4, ensure_ascii=False) + "\n"


@pytest.fixture(scope="module")
def backend(corpus_data: Path) -> LocalBackend:
    return LocalBackend(Settings(data_dir=corpus_data))


def test_there_are_examples() -> None:
    assert any(" ask " in command for command in EXAMPLES)
    assert any(command.startswith("curl ") for command in EXAMPLES)


@pytest.mark.parametrize("command", EXAMPLES)
def test_an_example_prints_what_the_readme_shows(command: str, backend: LocalBackend) -> None:
    assert comparable(output_of(command, backend)) == comparable(EXAMPLES[command])


def _write_anew() -> None:
    with tempfile.TemporaryDirectory() as folder:
        backend = LocalBackend(Settings(data_dir=Path(folder)))
        backend.ingest([ROOT / "corpus"])

        def example(found: re.Match[str]) -> str:
            output = output_of(found["command"], backend)
            kept = found["output"] if comparable(output) == comparable(found["output"]) else output
            return f"```console\n$ {found['command']}\n{kept}```"

        README.write_text(EXAMPLE.sub(example, README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"
    _write_anew()
