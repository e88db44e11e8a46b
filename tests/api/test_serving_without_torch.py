"""What answers questions loads neither PyTorch nor what else is there for reading and indexing only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUESTION = "What would I pay per year as an EU student?"

HEAVY = {
    "chromadb",
    "langchain_core",
    "langchain_text_splitters",
    "onnx",
    "onnxscript",
    "sentence_transformers",
    "torch",
    "transformers",
}

# Runs the commands as the installed program does, and says what was imported once they have ended.
PROGRAM = """
import io, json, sys
from api.command_line import app
from api.server import Server
arguments, typed, heavy = json.loads(sys.argv[1])
Server.run = lambda self, sockets: None  # it has started, and is told to stop
sys.stdin = io.StringIO(typed)
app(arguments, standalone_mode=False)
print(json.dumps(sorted(set(heavy) & set(sys.modules))), file=sys.stderr)
"""


def imported(data_dir: Path, *arguments: str, typed: str = "") -> tuple[list[str], str]:
    """The heavy modules that a command imports, and what it prints."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PROSPECTUS_DATA_DIR": str(data_dir),
        "PROSPECTUS_CORPUS": str(ROOT / "corpus"),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([arguments, typed, sorted(HEAVY)])],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=data_dir,
    )
    return json.loads(done.stderr.splitlines()[-1]), done.stdout


@pytest.fixture(scope="module")
def data_dir(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serving") / "data"
    shutil.copytree(corpus_data, folder, symlinks=True)
    return folder


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        (["ask", QUESTION], "", "2,060 EUR"),
        (["chat"], f"{QUESTION}\n", "2,060 EUR"),
        (["search", "tuition fee"], "", "Tuition fees"),
        (["serve", "--port", "0"], "", ""),
        (["evaluate", str(ROOT / "tests/questions/first.jsonl")], "", "50"),
    ],
)
def test_answering_needs_neither_torch_nor_chroma(
    data_dir: Path, arguments: list[str], typed: str, says: str
) -> None:
    heavy, printed = imported(data_dir, *arguments, typed=typed)
    assert heavy == []
    assert says in printed


def test_without_a_prepared_model_torch_answers(corpus_data: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus_data, tmp_path / "data", ignore=shutil.ignore_patterns("models"))
    heavy, printed = imported(tmp_path / "data", "ask", QUESTION)
    assert "torch" in heavy
    assert "2,060 EUR" in printed


def test_indexing_with_a_prepared_model_needs_no_torch(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "models").symlink_to(data_dir / "models")
    heavy, printed = imported(tmp_path, "ingest", str(ROOT / "corpus"))
    assert "torch" not in heavy
    assert "2 documents" in printed


def test_an_ingest_that_changes_nothing_needs_no_chroma(corpus_data: Path, tmp_path: Path) -> None:
    shutil.copytree(corpus_data, tmp_path / "data", symlinks=True)
    heavy, printed = imported(tmp_path / "data", "ingest", str(ROOT / "corpus"))
    assert not {"chromadb", "torch"} & set(heavy)
    assert "unchanged" in printed
