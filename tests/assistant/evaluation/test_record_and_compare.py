from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.evaluation.compare import compare
from assistant.evaluation.fixtures import BadInput
from assistant.evaluation.metrics import Share
from assistant.evaluation.overview import comparison_overview, run_overview
from assistant.evaluation.record import Conditions, Run, read_run, write_run
from assistant.evaluation.scoring import Cited, Result
from assistant.evaluation.tables import as_text
from assistant.reply import Outcome

MakeResult = Callable[..., Result]
CONDITIONS = Conditions("q.jsonl", "a" * 64, "corpus", "all-MiniLM-L6-v2", {"msc": "b" * 64})


@pytest.fixture
def run(a_result: MakeResult) -> Run:
    cited = Cited(1, "MSc", "The fee is 18,690 EUR per year.", "https://example.org", True, True)
    return Run(
        CONDITIONS,
        (
            a_result(
                id="good", tags=("fee",), citations=(cited,), quotes=1, exact_quotes=1, gold_found=(True,)
            ),
            a_result(id="bad", tags=("fee", "list"), outcome=Outcome.NOT_FOUND, reasons=("wrong",)),
        ),
    )


def test_a_run_that_was_written_is_read_back_as_it_was(run: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "run.json", run)

    assert read_run(tmp_path / "run.json") == run


def test_the_file_holds_each_metric_with_n_and_interval(run: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "run.json", run)
    written = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))

    assert list(written) == ["format", "conditions", "metrics", "results"]
    rate = written["metrics"]["all"]["shares"]["pass_rate"]
    assert (rate["hits"], rate["n"], rate["value"]) == (1, 2, 0.5)
    assert (rate["low"], rate["high"]) == pytest.approx((0.09453, 0.90547), abs=1e-5)
    assert written["metrics"]["all"]["shares"]["number_accuracy"] == {
        "hits": 0,
        "n": 0,
        "value": None,
        "low": None,
        "high": None,
    }
    assert written["metrics"]["all"]["latency_ms"]["p95"] == {"value": 10.0, "n": 2}
    assert written["metrics"]["by_tag"]["list"]["shares"]["pass_rate"]["hits"] == 0
    assert [(each["id"], each["passes"]) for each in written["results"]] == [("good", True), ("bad", False)]


def test_equal_runs_give_equal_files(run: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "a.json", run)
    write_run(tmp_path / "b.json", run)

    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"{}", "is not a saved run (format: Field required)"),
        (b"nonsense", "is not a saved run (the file: Invalid JSON"),
        (b'{"format": 1, "conditions": {}, "results": [{"id": 1}]}', "is not a saved run (conditions."),
        (
            b'{"format": 2, "conditions": {"questions": "", "questions_sha256": "", "corpus": "",'
            b' "embedding_model": "", "documents": {}}, "results": []}',
            "has format 2, but this version reads 1. Run the evaluation again.",
        ),
    ],
)
def test_a_file_that_is_no_run_is_named(content: bytes, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(content)

    with pytest.raises(BadInput) as caught:
        read_run(tmp_path / "run.json")
    assert complaint in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "run.json"))


def test_what_changed_is_told_over_the_questions_of_both_runs(a_result: MakeResult) -> None:
    wrong = ("wrong",)
    a = Run(
        CONDITIONS,
        (
            a_result(id="mended", reasons=wrong),
            a_result(id="broken"),
            a_result(id="still", reasons=wrong),
            a_result(id="reworded"),
            a_result(id="same"),
            a_result(id="gone", reasons=wrong),
        ),
    )
    b = Run(
        CONDITIONS,
        (
            a_result(id="new", reasons=wrong),
            a_result(id="mended"),
            a_result(id="broken", reasons=("worse",)),
            a_result(id="still", reasons=wrong),
            a_result(id="reworded", text="Otherwise."),
            a_result(id="same"),
        ),
    )
    found = compare(a, b)

    assert [result.id for result in found.newly_pass] == ["mended"]
    assert [(result.id, result.reasons) for result in found.newly_fail] == [("broken", ("worse",))]
    assert found.still_fail == ("still",)
    assert found.changed_replies == ("reworded",)
    assert (found.only_before, found.only_after) == (("gone",), ("new",))
    assert found.before.shares["pass_rate"] == found.after.shares["pass_rate"] == Share(3, 5)
    assert found.conditions == ()


def test_what_else_differs_between_the_runs_is_told(a_result: MakeResult) -> None:
    a = Run(CONDITIONS, (a_result(),))
    other = replace(
        CONDITIONS,
        questions="r.jsonl",
        questions_sha256="c" * 64,
        embedding_model="bge-m3",
        documents={"msc": "d" * 64, "phd": "e" * 64},
    )

    assert compare(a, Run(other, (a_result(model="openai:small"),))).conditions == (
        "The questions differ: q.jsonl and r.jsonl.",
        "The documents differ: msc, phd.",
        "The embedding models differ: all-MiniLM-L6-v2 and bge-m3.",
        "The language models differ: none and openai:small.",
    )


def test_the_overview_of_a_comparison_says_which_way_each_metric_went(a_result: MakeResult) -> None:
    a = Run(CONDITIONS, tuple(a_result(id=f"q{i}", reasons=("wrong",) * (i < 2)) for i in range(4)))
    b = Run(CONDITIONS, tuple(a_result(id=f"q{i}", outcome=Outcome.NOT_FOUND) for i in range(4)))
    text = as_text(comparison_overview(compare(a, b)))

    assert "4 questions in both runs\n" in text
    assert _row(text, "Pass rate") == "50.0 % 100.0 % +50.0 points, better 4 4"
    assert _row(text, "Abstained though answerable") == "0.0 % 100.0 % +100.0 points, worse 4 4"
    assert _row(text, "Citation recall") == "– – – 0 0"
    assert "Newly pass\n  q0\n  q1\n" in text
    assert "Newly fail" not in text


def test_runs_without_a_common_question_cannot_be_compared(a_result: MakeResult) -> None:
    text = as_text(comparison_overview(compare(Run(CONDITIONS, (a_result(id="a"),)), Run(CONDITIONS, ()))))

    assert "No question is in both runs: there is nothing to compare." in text


def test_the_overview_of_a_run_shows_metrics_tags_and_what_fails(run: Run) -> None:
    text = as_text(run_overview(run))

    assert text.startswith("q.jsonl: 2 questions\n")
    assert _row(text, "Pass rate") == "50.0 % 9.5 to 90.5 1/2"
    assert _row(text, "Citation validity") == "100.0 % 20.7 to 100.0 1/1"
    assert _row(text, "Number accuracy") == "– – 0"
    assert _row(text, "p95") == "10.0 2"
    assert _row(text, "list") == "1 0.0 % 0.0 to 79.3 – – – 1/1 –"
    assert "Failing\n  bad [not_found] wrong\n" in text


def test_a_share_is_only_rounded_to_all_or_nothing_if_it_is_that(a_result: MakeResult) -> None:
    nearly = [a_result(id=str(number), reasons=("wrong",) * (number == 0)) for number in range(5000)]
    text = as_text(run_overview(Run(CONDITIONS, tuple(nearly))))

    assert _row(text, "Pass rate").startswith(">99.9 % ")


def _row(text: str, name: str) -> str:
    """The cells of the first row with this name, single spaces between them."""
    line = next(line for line in text.splitlines() if line.startswith(f"{name} "))
    return " ".join(line.removeprefix(name).split())
