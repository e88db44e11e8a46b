"""Which facts differ between two versions of a page, as an admissions office would want to be told."""

from __future__ import annotations

from pathlib import Path

import pytest
from read_pages import load

from ingest.changes import Changes, PageName, compare
from ingest.documents import Document
from ingest.units import units_of


def pages(folder: Path) -> dict[str, Document]:
    return {document.id: document for document in load(folder).documents}


def told(folder: Path, before: str, after: str) -> list[str]:
    """What differs on a page: ``before`` and ``after`` are what stands under its title."""
    versions = []
    for body in (before, after):
        (folder / "fees.md").write_text(f"# Fees\n\n{body}\n", encoding="utf-8")
        documents = pages(folder)
        versions.append((documents, {key: units_of(document) for key, document in documents.items()}))
    (old, old_units), (new, new_units) = versions
    return [
        f"{' > '.join(change.about)}: {change.before or '-'} => {change.after or '-'}"
        for change in compare(old, old_units, new, new_units).facts
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Tuition: 18,690 EUR", "Tuition: 19,000 EUR", ["Tuition: 18,690 EUR => 19,000 EUR"]),
        ("Deadline:", "Deadline: 1 May", ["Deadline: - => 1 May"]),
        ("Deadline: 1 May", "Deadline:", ["Deadline: 1 May => -"]),
        ("Language: English", "Language: Dutch", ["Language: English => Dutch"]),
        ("Tuition: 900 EUR", "Tuition: 900 EUR\n\nDeposit: 50 EUR", ["Deposit: - => 50 EUR"]),
        ("Tuition: 900 EUR\n\nDeposit: 50 EUR", "Tuition: 900 EUR", ["Deposit: 50 EUR => -"]),
        # A new year in the label or in the heading does not make another fact of it.
        (
            "## Fees of 2026\n\n- Tuition 2026: 900 EUR",
            "## Fees of 2027\n\n- Tuition 2027: 950 EUR",
            ["Fees of 2027: Tuition 2026: 900 EUR => Tuition 2027: 950 EUR"],
        ),
        # Of a table, the cell with the names of its row and column.
        (
            "| What | EU | non-EU |\n|---|---|---|\n| Bus | 10 EUR | 20 EUR |",
            "| What | EU | non-EU |\n|---|---|---|\n| Bus | 10 EUR | 22 EUR |",
            ["Bus > non-EU: 20 EUR => 22 EUR"],
        ),
        # A sentence is told whole, also where more than its value is new.
        (
            "You pay a deposit of 500 EUR in May.",
            "You pay a deposit of 600 EUR in May.",
            [": You pay a deposit of 500 EUR in May. => You pay a deposit of 600 EUR in May."],
        ),
        (
            "The deposit is 500 EUR and is paid in May.",
            "The deposit amounts to 600 EUR and is paid in May.",
            [
                ": The deposit is 500 EUR and is paid in May. => "
                "The deposit amounts to 600 EUR and is paid in May."
            ],
        ),
        # What states no value is no fact, and what only moved has not changed.
        ("Bring a passport.", "Bring an identity card.", []),
        (
            "Tuition: 900 EUR\n\nDeposit: 50 EUR",
            "Welcome to our page.\n\nDeposit: 50 EUR\n\nTuition: 900 EUR",
            [],
        ),
        # Of two equal labels, the one that differs.
        (
            "## A\n\n- Fee: 1 EUR\n- Fee: 2 EUR",
            "## A\n\n- Fee: 1 EUR\n- Fee: 3 EUR",
            ["A > Fee: 2 EUR => 3 EUR"],
        ),
    ],
)
def test_the_facts_that_differ_are_told_with_their_label(
    tmp_path: Path, before: str, after: str, expected: list[str]
) -> None:
    assert told(tmp_path, before, after) == expected


def test_pages_that_come_go_and_change_are_named(tmp_path: Path) -> None:
    for name in ("old", "same", "other"):
        (tmp_path / f"{name}.md").write_text(f"# {name.title()}\n\nText of it.\n", encoding="utf-8")
    before = pages(tmp_path)
    (tmp_path / "old.md").rename(tmp_path / "new.md")
    (tmp_path / "other.md").write_text("# Other\n\nMore text of it.\n", encoding="utf-8")

    assert compare(before, {}, pages(tmp_path), {}) == Changes(
        added=(PageName("new", "Old"),),
        changed=(PageName("other", "Other"),),
        removed=(PageName("old", "Old"),),
    )
