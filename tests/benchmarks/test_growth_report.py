from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from growth_report import Point, as_markdown, as_svg

OURS = Point(
    system="ours",
    passages=1000,
    index_s=30.0,
    index_stages_s={"embedding": 25.0},
    open_s=4.0,
    p50_ms=12.0,
    p95_ms=20.0,
    questions=200,
    index_peak_mb=1500.0,
    answer_peak_mb=900.0,
    disk_mb=12.0,
    recall_at_10=0.9995,
    reply_p50_ms=30.0,
)
CHAIN = replace(OURS, system="chain", index_s=60.0, p50_ms=15.0, disk_mb=6.0, recall_at_10=0.9)
LARGER = [replace(point, passages=10_000, index_s=9 * point.index_s) for point in (OURS, CHAIN)]


def test_the_table_has_a_ratio_under_each_size() -> None:
    lines = as_markdown([OURS, CHAIN, *LARGER]).splitlines()

    assert len(lines) == 2 + 2 * 3
    assert lines[2] == "| 1,000 | ours | 30 | 4.0 | 12.0 | 20.0 | 1,500 | 900 | 12 | 1.000 |"
    assert lines[3] == "| 1,000 | chain | 60 | 4.0 | 15.0 | 20.0 | 1,500 | 900 | 6 | 0.900 |"
    assert lines[4] == "|  | ratio | 0.50 | 1.00 | 0.80 | 1.00 | 1.00 | 1.00 | 2.00 |  |"
    assert lines[5].startswith("| 10,000 | ours | 270 |")


def test_the_plot_has_a_line_for_each_system_in_each_panel() -> None:
    root = ElementTree.fromstring(as_svg([OURS, CHAIN, *LARGER]))  # noqa: S314 (our own)

    lines = [each.attrib["points"].split() for each in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(line) for line in lines] == [2] * 8
    # Seconds to index, ours: 1,000 is the left edge, 10,000 the right; 30 and 270 s on an axis to 1,000.
    (x1, y1), (x2, y2) = (map(float, point.split(",")) for point in lines[0])
    assert (x1, x2) == (50.0, 290.0)
    assert 30 < y2 < y1 < 200


def test_one_size_alone_can_be_drawn() -> None:
    ElementTree.fromstring(as_svg([OURS, CHAIN]))  # noqa: S314 (our own)
