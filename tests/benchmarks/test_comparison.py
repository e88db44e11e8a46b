"""What the comparison reports, on figures worked out by hand; and that it runs, on a few passages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from comparison_report import Point, as_markdown, as_svg, missed

ROOT = Path(__file__).parents[2]

OURS = Point(
    system="ours",
    size=1_000,
    passages=1_002,
    index_s=30.0,
    index_stages_s={"embedding": 25.0},
    start_s=1.5,
    starts_s=[1.4, 1.5, 1.6],
    p50_ms=5.0,
    p95_ms=8.0,
    questions=200,
    cited=190,
    retrieval_p50_ms=4.0,
    retrieval_p95_ms=7.0,
    serving_peak_mb=240.0,
    index_peak_mb=500.0,
    disk_mb=12.0,
    at_once_per_s=200.0,
    at_once=600,
    failed=0,
    recall_at_10=0.995,
)
CHAIN = replace(
    OURS,
    system="langchain",
    index_s=60.0,
    start_s=10.0,
    p50_ms=20.0,
    p95_ms=25.0,
    cited=None,
    retrieval_p50_ms=20.0,
    serving_peak_mb=600.0,
    disk_mb=6.0,
    at_once_per_s=50.0,
    recall_at_10=0.9,
)
LARGER = [
    replace(point, size=10_000, passages=10_002, index_s=9 * point.index_s, p50_ms=2 * point.p50_ms)
    for point in (OURS, CHAIN)
]


def test_each_measure_stands_beside_its_ratio_and_what_was_wanted() -> None:
    lines = as_markdown([OURS, CHAIN]).splitlines()

    assert lines[0] == "| passages | measure | ours | LangChain | ours / LangChain | wanted |"
    assert len(lines) == 2 + 10
    assert lines[2] == "| 1,002 | seconds to index | 30 | 60 | 0.50 |  |"
    assert lines[4] == "| 1,002 | answer to a question, p50 ms | 5.0 | 20.0 | 0.25 | ratio at most 0.35 |"
    assert lines[-1] == "| 1,002 | recall@10 | 0.995 | 0.900 |  | ours at least 0.99 |"


def test_what_is_as_good_as_was_wanted_is_not_missed() -> None:
    # Ratios of .15, .25, .32, 4 and .4: the last two are just what was wanted.
    assert missed([OURS, CHAIN]) == []


@pytest.mark.parametrize(
    ("ours", "line"),
    [
        ({"start_s": 2.1}, "seconds from start to first answer: ratio 0.21, wanted at most 0.2"),
        ({"p50_ms": 7.1}, "answer to a question, p50 ms: ratio 0.355, wanted at most 0.35"),
        ({"p95_ms": 10.1}, "answer to a question, p95 ms: ratio 0.404, wanted at most 0.4"),
        ({"serving_peak_mb": 243.0}, "peak MB, serving: ratio 0.405, wanted at most 0.4"),
        ({"at_once_per_s": 199.0}, "answers a second, eight clients: ratio 3.98, wanted at least 4"),
        ({"recall_at_10": 0.98}, "recall@10: ours 0.98, wanted at least 0.99"),
    ],
)
def test_what_is_missed_is_named_with_its_figure(ours: dict[str, Any], line: str) -> None:
    points = [replace(OURS, **ours), CHAIN]

    assert missed(points) == [f"1,002 passages, {line}"]
    assert as_markdown(points).count("**missed**") == 1


def test_indexing_is_judged_at_ten_thousand_passages_alone() -> None:
    ours, chain = LARGER

    assert missed([OURS, CHAIN, replace(ours, index_s=0.39 * chain.index_s), chain]) == []
    assert missed([OURS, CHAIN, replace(ours, index_s=0.5 * chain.index_s), chain]) == [
        "10,002 passages, seconds to index: ratio 0.5, wanted at most 0.4"
    ]


def test_growth_is_judged_against_the_smallest_size() -> None:
    ours, chain = (replace(point, index_s=point.index_s / 9) for point in LARGER)
    ours = replace(ours, index_s=1.0)
    slower = replace(ours, p50_ms=10.5)

    assert as_markdown([OURS, CHAIN, ours, chain]).endswith(
        "| 10,002 | p50, times that at the smallest size | 2.00 | 2.00 |  | ours at most 2 |\n"
    )
    assert missed([OURS, CHAIN, ours, chain]) == []
    assert missed([OURS, CHAIN, slower, replace(chain, p50_ms=40.0)]) == [
        "10,002 passages, p50, times that at the smallest size: ours 2.1, wanted at most 2"
    ]


def test_a_system_that_was_left_out_at_one_size_leaves_its_cells_empty() -> None:
    third = replace(CHAIN, system="haystack", index_s=70.0)

    lines = as_markdown([OURS, CHAIN, third, *LARGER]).splitlines()

    assert lines[0] == "| passages | measure | ours | LangChain | Haystack | ours / LangChain | wanted |"
    assert lines[2] == "| 1,002 | seconds to index | 30 | 60 | 70 | 0.50 |  |"
    assert lines[12].startswith("| 10,002 | seconds to index | 270 | 540 |  | 0.50 |")


def test_without_langchain_no_ratio_is_missed() -> None:
    assert missed([replace(OURS, start_s=100.0)]) == []


def test_the_plot_has_a_line_for_each_system_in_each_panel() -> None:
    root = ElementTree.fromstring(as_svg([OURS, CHAIN, *LARGER]))  # noqa: S314 (our own)

    lines = [each.attrib["points"].split() for each in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(line) for line in lines] == [2] * 10
    # Seconds to index, ours: 1,002 is at the left edge, 10,002 at the right; 30 and 270 s, an axis to 1,000.
    (x1, y1), (x2, y2) = (map(float, point.split(",")) for point in lines[0])
    assert (round(x1), round(x2)) == (50, 250)
    assert 30 < y2 < y1 < 190


def test_one_system_at_one_size_can_be_drawn() -> None:
    ElementTree.fromstring(as_svg([OURS]))  # noqa: S314 (our own)


def run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


# Whole libraries for a look at whether they run: the others are asked with -m long.
@pytest.mark.parametrize(
    ("systems", "module"),
    [
        (["ours"], "ingest"),
        pytest.param(["ours", "langchain"], "langchain_chroma", marks=pytest.mark.long),
        pytest.param(["ours", "llamaindex"], "llama_index", marks=pytest.mark.long),
        pytest.param(["ours", "haystack"], "haystack", marks=pytest.mark.long),
    ],
)
def test_the_systems_are_measured(
    systems: list[str], module: str, prepared_data: Path, tmp_path: Path
) -> None:
    if find_spec(module) is None:
        pytest.skip("the extra `benchmark` is not installed")
    sizes = ["--sizes", "40", "--questions", "6", "--starts", "1", "--at-once", "16"]
    report = tmp_path / "report.json"

    done = run(
        [*sizes, "--systems", ",".join(systems), "--models", str(prepared_data), "--json", str(report)]
    )

    # With others beside it, 40 passages on a busy machine may miss a limit.
    assert done.returncode in ({0} if systems == ["ours"] else {0, 3}), done.stderr
    found = json.loads(report.read_text(encoding="utf-8"))
    assert done.stdout == as_markdown([Point(**each) for each in found["measured"]])
    assert [each["system"] for each in found["measured"]] == systems
    for each in found["measured"]:
        assert (each["size"], each["passages"], each["questions"]) == (40, 41, 6)
        assert (each["at_once"], each["failed"], len(each["starts_s"])) == (16, 0, 1)
        assert each["recall_at_10"] == 1.0
        assert min(each["index_s"], each["start_s"], each["p50_ms"], each["serving_peak_mb"]) > 0
    assert found["measured"][0]["cited"] > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--systems", "ours,other"], "there is no 'other', but ours, langchain, llamaindex, haystack"),
        (["--systems", "langchain"], "'ours' has to be among them"),
        (["--systems-at", "40=haystack"], "'ours' has to be among them"),
        (["--models", "tests"], "no model is prepared in tests"),
        (["--starts", "0"], "there has to be a question, a start and a question at once"),
    ],
)
def test_what_cannot_be_measured_is_refused(arguments: list[str], said: str) -> None:
    done = run(arguments)

    assert done.returncode == 2
    assert said in done.stderr
