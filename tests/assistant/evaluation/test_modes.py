"""Runs with and without a language model: what it did, and both side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from assistant.conversation import Turn
from assistant.evaluation.fixtures import BadInput, Expectation, Fixture
from assistant.evaluation.metrics import Share
from assistant.evaluation.model_figures import ModelFigures, model_figures
from assistant.evaluation.overview import modes_overview, run_overview
from assistant.evaluation.record import Conditions, Run, read_run, write_run, write_runs
from assistant.evaluation.report import html_report
from assistant.evaluation.run import ask_all
from assistant.evaluation.scoring import Result
from assistant.evaluation.tables import as_text
from assistant.reply import ModelUse, Reply

MakeResult = Callable[..., Result]
MakeReply = Callable[..., Reply]
CONDITIONS = Conditions("q.jsonl", "a" * 64, "corpus", "all-MiniLM-L6-v2", {"msc": "b" * 64})
USE = ModelUse("fake:one", "p" * 16, input_tokens=900, output_tokens=40, kept=3, repaired=1, dropped=0)
FAILED = ModelUse("fake:one", "p" * 16, input_tokens=300, dropped=4, faults=("unsupported",))
CACHED = ModelUse("fake:one", "p" * 16, kept=2, is_cached=True)


@dataclass
class Scripted:
    """Gives one reply after the other."""

    replies: list[Reply] = field(default_factory=list)

    def reply(self, message: str, *, history: Sequence[Turn] = ()) -> Reply:
        return self.replies.pop(0)


@pytest.fixture
def quoted(a_result: MakeResult) -> Run:
    return Run(
        CONDITIONS,
        (
            a_result(id="fee", quotes=1, exact_quotes=1, has_numbers=True),
            a_result(id="length", reasons=("the text lacks what must matches: 24",)),
            a_result(id="rooms"),
            a_result(id="none"),
        ),
    )


@pytest.fixture
def generated(a_result: MakeResult) -> Run:
    said = {"mode": "generated", "model": "fake:one"}
    return Run(
        replace(CONDITIONS, mode="generated"),
        (
            a_result(id="fee", text="It's <b>18,690</b> EUR a year. [1]", model_use=USE, **said),
            a_result(id="length", model_use=CACHED, **said),
            a_result(id="rooms", model_use=FAILED),
            a_result(id="none"),
        ),
    )


def test_what_the_model_did_for_all_turns_is_added_up(a_reply: MakeReply) -> None:
    fixture = Fixture("q", ("Fee?", "And?"), Expectation.OPEN, (), (), (), (), line=1)
    first = replace(a_reply(("Hello.", ())), model_use=FAILED)
    last = replace(a_reply(("Hello.", ())), model_use=USE, mode="generated", model="fake:one")

    [result] = ask_all([fixture], Scripted([first, last]), {})

    assert result.mode == "generated"
    assert result.model_use == ModelUse(
        "fake:one", "p" * 16, 1200, 40, kept=3, repaired=1, dropped=4, faults=("unsupported",)
    )


def test_replies_without_a_model_have_no_figures_of_one(quoted: Run) -> None:
    assert model_figures(quoted.results) is None
    assert "language model" not in as_text(run_overview(quoted))
    assert "language model" not in html_report(quoted)


def test_sentences_are_counted_by_what_the_check_did_to_them(generated: Run) -> None:
    # 3 + 2 kept, 1 repaired, 4 dropped, of 10; two of the three replies that asked the model show its words.
    assert model_figures(generated.results) == ModelFigures(
        models=("fake:one",),
        shown=Share(2, 3),
        kept=Share(5, 10),
        repaired=Share(1, 10),
        dropped=Share(4, 10),
        faults={"unsupported": 1},
        cached=1,
        input_tokens=1200,
        output_tokens=40,
    )


def test_both_modes_stand_side_by_side(quoted: Run, generated: Run) -> None:
    text = as_text(modes_overview(quoted, generated))
    cells = [line.split("  ") for line in text.splitlines()]
    rows = {line[0]: [cell.strip() for cell in line[1:] if cell.strip()] for line in cells}

    assert rows["metric"] == ["quoted", "generated", "change", "n in quoted", "n in generated"]
    assert rows["Pass rate"] == ["75.0 %", "100.0 %", "+25.0 points, better", "4", "4"]
    assert rows["its sentences kept"][0] == "50.0 %"
    assert rows["repaired: shown with other citations"][2] == "1/10"
    assert rows["tokens in"] == ["1,200", "–", "3"]
    assert rows["fault: unsupported"][0] == "1"
    assert "Newly pass\n  length\n" in text
    assert "Take care" not in text


def test_a_run_with_a_model_is_written_and_read_back(generated: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "run.json", generated)
    written = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))

    assert read_run(tmp_path / "run.json") == generated
    assert written["conditions"]["mode"] == "generated"
    assert written["metrics"]["model"]["dropped"]["hits"] == 4
    assert written["metrics"]["model"]["faults"] == {"unsupported": 1}


def test_a_run_that_was_written_before_there_were_modes_is_a_quoted_one(quoted: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "run.json", quoted)
    older = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    del older["conditions"]["mode"]
    for result in older["results"]:
        del result["mode"], result["model_use"]
    (tmp_path / "older.json").write_text(json.dumps(older), encoding="utf-8")

    assert read_run(tmp_path / "older.json") == quoted


def test_both_runs_fit_into_one_file_which_is_not_one_to_compare(
    quoted: Run, generated: Run, tmp_path: Path
) -> None:
    both = tmp_path / "both.json"
    write_runs(both, {"quoted": quoted, "generated": generated})
    written = json.loads(both.read_text(encoding="utf-8"))

    assert list(written) == ["format", "modes"]
    assert "model" not in written["modes"]["quoted"]["metrics"]
    assert written["modes"]["generated"]["metrics"]["model"]["input_tokens"] == 1200
    with pytest.raises(BadInput, match="holds the runs of both modes"):
        read_run(both)


def test_the_report_shows_a_generated_reply_beside_the_quoted_one(quoted: Run, generated: Run) -> None:
    page = html_report(generated, quoted=quoted)

    assert "<h2>Quoted and generated</h2>" in page
    assert "<h2>The language model</h2>" in page
    assert "It&#x27;s &lt;b&gt;18,690&lt;/b&gt; EUR a year. [1]" in page
    assert page.count("<dt>Quoted reply:") == 1  # the other replies read the same in both
    assert page.count("<dt>Reply, generated:") == 2
