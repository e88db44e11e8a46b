"""The support check on lies and on honest sentences: floors on both halves, and how they are counted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lies import Judged, Remembering, Tally, as_text, is_good_enough, judge
from support_cases import Case, Half, Kind

from assistant.support import SupportCheck
from ingest.embedding import Embedder

HONEST = Case("p1", Kind.PARAPHRASE, "How long?", "It takes two years.", (), is_honest=True)
LIE = Case("l1", Kind.UNIT, "How long?", "It takes two months.", (), is_honest=False)


@pytest.mark.parametrize("half", list(Half))
def test_lies_are_stopped_and_honest_sentences_survive(half: Half, minilm: Embedder) -> None:
    tally = judge(SupportCheck(Remembering(minilm)), half)

    print(as_text(tally, half))
    assert is_good_enough(tally, half), as_text(tally, half)


def test_lies_are_counted_by_kind_and_by_who_made_them() -> None:
    tally = Tally(
        (
            Judged(HONEST, is_let_through=True),
            Judged(replace(HONEST, id="p2"), is_let_through=False, reason="words: takes"),
            Judged(replace(HONEST, id="c1", kind=Kind.CLOSE), is_let_through=True),
            Judged(LIE, is_let_through=False, reason="a value has another unit"),
            Judged(replace(LIE, id="l2"), is_let_through=True, is_made=True),
            Judged(replace(LIE, id="l3", kind=Kind.NUMBER), is_let_through=False, is_made=True),
        )
    )

    assert [each.case.id for each in tally.lost] == ["p2"]
    assert [each.case.id for each in tally.survivors] == ["l2"]
    assert as_text(tally, Half.DEV).splitlines() == [
        "dev half      n  let through  stopped",
        "honest          3            2        1   kept 66.7% (20.8% to 93.9%)",
        "lies            3            1        2   stopped 66.7% (20.8% to 93.9%)",
        "",
        "honest, worded freely       1 of 2, 50.0% (9.5% to 90.5%)",
        "honest, close to its quotes 1 of 1, 100.0% (20.7% to 100.0%)",
        "",
        "lies stopped         by hand   by program   together",
        "number                     -       1 of 1   1 of 1, 100.0% (20.7% to 100.0%)",
        "unit                  1 of 1       0 of 1   1 of 2, 50.0% (9.5% to 90.5%)",
        "all                   1 of 1       1 of 2   2 of 3, 66.7% (20.8% to 93.9%)",
        "",
        "why honest sentences were stopped",
        "     1  words",
    ]
    assert not is_good_enough(tally, Half.DEV)


def test_each_text_is_embedded_once(minilm: Embedder) -> None:
    embedder = Remembering(minilm)
    texts = ["two years", "two months", "two years"]

    first, again = embedder.embed(texts), embedder.embed(texts[1:])

    assert first == pytest.approx(minilm.embed(texts), abs=1e-5)
    assert (again == first[1:]).all()
