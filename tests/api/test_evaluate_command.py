from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from api_fakes import FakeBackend
from typer.testing import CliRunner, Result

import api.command_line
from api.backend import Answering, OnProgress, OpenGeneration
from api.settings import Settings
from assistant.conversation import Turn
from assistant.reply import ModelUse, Reply
from assistant.retrieval import Hit
from ingest.errors import UnreadableFile
from ingest.pipeline import IngestOptions, IngestReport

RIGHT = {
    "id": "right",
    "turns": ["Fee?"],
    "expect": "answer",
    "must": ["18,690"],
    "cite": ["18,690"],
    "tags": ["fee"],
}
WRONG = {"id": "wrong", "turns": ["Fee?", "And?"], "expect": "abstain", "tags": ["unanswerable"]}


@dataclass
class Recording(FakeBackend):
    """A fake backend that remembers in which data directories it worked and what was there."""

    settings: list[Settings] = field(default_factory=list)

    def ingest(
        self,
        places: Sequence[Path | str],
        *,
        options: IngestOptions | None = None,
        on_progress: OnProgress | None = None,
    ) -> IngestReport:
        if not self.settings[-1].data_dir.is_dir():
            raise FileNotFoundError(self.settings[-1].data_dir)
        return super().ingest(places, options=options, on_progress=on_progress)


@pytest.fixture
def backend() -> Recording:
    return Recording()


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").mkdir()
    for name in [name for name in os.environ if name.startswith("PROSPECTUS_")]:
        monkeypatch.delenv(name)
    write("questions.jsonl", RIGHT, WRONG)


def write(name: str, *questions: Mapping[str, object]) -> None:
    Path(name).write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")


def run(backend: Recording, *arguments: str) -> Result:
    def make(settings: Settings) -> Recording:
        backend.settings.append(settings)
        return backend

    return CliRunner().invoke(
        api.command_line.app,
        ["evaluate", *arguments],
        obj=make,
        catch_exceptions=False,
        prog_name="prospectus",
    )


def test_the_current_index_is_asked_and_the_tables_are_plain_text(backend: Recording) -> None:
    result = run(backend, "questions.jsonl")

    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout.startswith("questions.jsonl: 2 questions\n")
    assert re.search(r"^Pass rate +50\.0 % +9\.5 to 90\.5 +1/2$", result.stdout, re.MULTILINE)
    assert re.search(r"^Answered though unanswerable +100\.0 % .* 1/1$", result.stdout, re.MULTILINE)
    assert "  wrong [answered] an abstention is expected, the outcome is answered\n" in result.stdout
    assert "\x1b" not in result.stdout
    assert [(message, len(history)) for message, history, *_ in backend.assistant.asked] == [
        ("Fee?", 0),
        ("Fee?", 0),
        ("And?", 1),
    ]
    assert backend.ingested == []
    assert backend.assistant.index.is_closed


def test_a_corpus_is_ingested_into_a_folder_that_is_gone_afterwards(
    backend: Recording, tmp_path: Path
) -> None:
    backend.unreadable = (UnreadableFile("a.bin", "not text"),)
    result = run(backend, "questions.jsonl", "--corpus", "corpus")

    assert result.exit_code == 0
    assert backend.ingested == [Path("corpus")]
    used = backend.settings[-1].data_dir
    assert used not in (Path(".prospectus"), tmp_path / ".prospectus")
    assert not used.exists()
    assert not (tmp_path / ".prospectus").exists()
    assert backend.assistant.index.is_closed
    assert result.stderr == "warning: left out a.bin: not text\n"


def test_results_and_report_are_written(backend: Recording) -> None:
    result = run(backend, "questions.jsonl", "--json", "run.json", "--report", "run.html")

    assert result.exit_code == 0
    written = json.loads(Path("run.json").read_text(encoding="utf-8"))
    assert written["conditions"]["questions"] == "questions.jsonl"
    assert written["conditions"]["corpus"] == ""
    assert written["conditions"]["embedding_model"] == "all-MiniLM-L6-v2"
    assert list(written["conditions"]["documents"]) == ["medical-imaging-msc"]
    assert written["metrics"]["all"]["shares"]["citation_validity"]["value"] == 1
    assert "<!doctype html>" in Path("run.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("percent", "status"), [("0", 0), ("50", 0), ("50.1", 3), ("100", 3)])
def test_a_pass_rate_below_the_threshold_is_status_3(backend: Recording, percent: str, status: int) -> None:
    result = run(backend, "questions.jsonl", "--fail-under", percent, "--json", "run.json")

    assert result.exit_code == status
    assert Path("run.json").exists()
    if status:
        assert result.stderr == f"error: 1 of 2 questions pass; --fail-under asks for {float(percent):g} %.\n"


class Modelled(Recording):
    """A fake backend whose replies are a language model's where its settings name one."""

    def open(self) -> OpenGeneration:
        opened = super().open()
        if self.settings[-1].chat_model is None:
            return opened
        use = ModelUse("fake:model", "p", input_tokens=100, output_tokens=20, kept=1, dropped=1)
        return replace(opened, assistant=Generating(opened.assistant, use))


@dataclass
class Generating:
    """Another's replies, as if a language model had written them."""

    quoting: Answering
    use: ModelUse

    def reply(self, message: str, *, history: Sequence[Turn] = (), **rest: Any) -> Reply:
        reply = self.quoting.reply(message, history=history, **rest)
        return replace(reply, mode="generated", model=self.use.model, model_use=self.use)

    def search(self, query: str, limit: int = 10) -> Sequence[Hit]:
        return self.quoting.search(query, limit)


def run_in_modes(backends: list[Modelled], *arguments: str) -> Result:
    """Every backend knows but its own settings, as real ones do."""

    def make(settings: Settings) -> Modelled:
        backends.append(Modelled(settings=[settings], published="g1"))
        return backends[-1]

    return CliRunner().invoke(
        api.command_line.app,
        ["evaluate", "questions.jsonl", *arguments],
        obj=make,
        catch_exceptions=False,
        prog_name="prospectus",
    )


@pytest.mark.parametrize("pages", [[], ["--corpus", "corpus"]])
def test_both_modes_are_asked_of_one_index(monkeypatch: pytest.MonkeyPatch, pages: list[str]) -> None:
    monkeypatch.setenv("PROSPECTUS_CHAT_MODEL", "fake:model")
    backends: list[Modelled] = []
    result = run_in_modes(backends, "--mode", "both", "--json", "both.json", "--report", "both.html", *pages)

    assert result.exit_code == 0
    assert re.search(r"^metric +quoted +generated +change", result.stdout, re.MULTILINE)
    assert re.search(r"^its sentences kept +50\.0 % .* 3/6$", result.stdout, re.MULTILINE)
    assert re.search(r"^tokens in +300 ", result.stdout, re.MULTILINE)
    modes = json.loads(Path("both.json").read_text(encoding="utf-8"))["modes"]
    assert [modes[mode]["results"][0]["model"] for mode in modes] == [None, "fake:model"]
    assert [modes[mode]["conditions"]["mode"] for mode in modes] == ["quoted", "generated"]
    assert "<h2>Quoted and generated</h2>" in Path("both.html").read_text(encoding="utf-8")
    assert [place for backend in backends for place in backend.ingested] == [Path(page) for page in pages[1:]]
    used = [backend for backend in backends if backend.opened]
    assert [backend.settings[0].chat_model for backend in used] == [None, "fake:model"]
    assert all(backend.opened[0].index.is_closed for backend in used)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("model", "arguments", "mode"),
    [
        (None, [], "quoted"),
        ("fake:model", [], "generated"),
        ("fake:model", ["--mode", "quoted"], "quoted"),
        ("fake:model", ["--mode", "generated"], "generated"),
    ],
)
def test_without_a_mode_the_settings_say_which(
    monkeypatch: pytest.MonkeyPatch, model: str | None, arguments: list[str], mode: str
) -> None:
    if model is not None:
        monkeypatch.setenv("PROSPECTUS_CHAT_MODEL", model)
    result = run_in_modes([], *arguments, "--json", "run.json")

    written = json.loads(Path("run.json").read_text(encoding="utf-8"))
    assert result.exit_code == 0
    assert written["conditions"]["mode"] == written["results"][0]["mode"] == mode
    assert ("The language model (fake:model)" in result.stdout) is (mode == "generated")


@pytest.mark.parametrize("mode", ["generated", "both"])
def test_a_mode_that_needs_a_model_says_how_to_name_one(mode: str) -> None:
    backends: list[Modelled] = []
    result = run_in_modes(backends, "--mode", mode)

    assert result.exit_code == 2
    assert result.stderr == (
        "error: No language model is set. Name one in PROSPECTUS_CHAT_MODEL, or use --mode quoted.\n"
    )
    assert not any(backend.opened for backend in backends)


def test_two_runs_are_compared(backend: Recording) -> None:
    run(backend, "questions.jsonl", "--json", "a.json")
    write("questions.jsonl", RIGHT, {**WRONG, "expect": "open"})
    run(backend, "questions.jsonl", "--json", "b.json")
    backend.opened.clear()
    result = run(backend, "--compare", "a.json", "b.json")

    assert result.exit_code == 0
    assert "Newly pass\n  wrong\n" in result.stdout
    assert re.search(r"^Pass rate +50\.0 % +100\.0 % +\+50\.0 points, better", result.stdout, re.MULTILINE)
    assert "The questions differ: questions.jsonl and questions.jsonl." in result.stdout
    assert backend.opened == []


def test_a_malformed_question_is_status_2_before_anything_is_opened(backend: Recording) -> None:
    write("questions.jsonl", RIGHT, {**WRONG, "must": ["("]})
    result = run(backend, "questions.jsonl", "--corpus", "corpus")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (
        "error: questions.jsonl, line 2: must[0] is '(', which is not a regular expression: "
        "missing ), unterminated subpattern at position 0.\n"
    )
    assert backend.opened == backend.ingested == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Name a file of questions, or two earlier runs with --compare."),
        (["no-such.jsonl"], "no-such.jsonl cannot be read: No such file or directory."),
        (["corpus"], "corpus cannot be read: "),
        (["questions.jsonl", "--corpus", "no-such"], "There is no corpus at no-such."),
        (["questions.jsonl", "--json", "no-such/run.json"], "no-such/run.json cannot be written"),
        (["questions.jsonl", "--report", "corpus"], "corpus cannot be written"),
        (
            ["questions.jsonl", "--compare", "a.json", "b.json"],
            "--compare takes the files of two earlier runs",
        ),
        (["--compare", "a.json", "b.json"], "a.json cannot be read: No such file or directory."),
        (["--compare", "questions.jsonl", "b.json"], "questions.jsonl is not a saved run"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_status_2(
    backend: Recording, arguments: list[str], complaint: str
) -> None:
    result = run(backend, *arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"error: {complaint}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [["--fail-under", "101"], ["--fail-under", "-1"], ["--fail-under", "all"], ["--compare", "a.json"]],
)
def test_wrong_usage_is_status_2(backend: Recording, arguments: list[str]) -> None:
    assert run(backend, "questions.jsonl", *arguments).exit_code == 2


def test_the_index_is_closed_if_a_reply_fails(backend: Recording) -> None:
    class Broken(Exception):
        pass

    backend.failure = Broken()
    with pytest.raises(Broken) as caught:
        run(backend, "questions.jsonl", "--corpus", "corpus")

    assert caught.value.__notes__ == ["while the question 'right' on line 1 was asked"]
    assert backend.assistant.index.is_closed


def test_a_day_that_is_no_date_is_a_usage_error(backend: Recording) -> None:
    result = CliRunner().invoke(
        api.command_line.app, ["evaluate", "questions.jsonl", "--today", "tomorrow"], obj=lambda _: backend
    )
    assert result.exit_code == 2
    assert "tomorrow" in result.output
