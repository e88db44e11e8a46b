"""What the support check is tried on: the sentences of ``tests/assistant/support``, found on their pages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from ingest.documents import Document
from ingest.loaders import read_file
from ingest.units import Unit, UnitKind, units_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "assistant" / "support"


class Half(StrEnum):
    """The check may be tuned on one half and is judged on the other; they rest on different pages."""

    DEV = "dev"
    TEST = "test"


class Kind(StrEnum):
    """How an honest sentence is worded, or what is wrong with a lie; README.md beside them explains."""

    PARAPHRASE = "paraphrase"
    CLOSE = "close"
    NUMBER = "number"
    DATE = "date"
    CURRENCY = "currency"
    UNIT = "unit"
    AUDIENCE = "audience"
    NEGATION = "negation"
    MODALITY = "modality"
    CONDITION = "condition"
    CROSSED = "crossed"
    ADDITION = "addition"
    INVENTED = "invented"
    OTHER_PAGE = "other-page"
    BLANK = "blank"
    PLANTED = "planted"
    JUDGEMENT = "judgement"
    WRONG_EVIDENCE = "wrong-evidence"


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote and what tells it from its like: the innermost heading, and the label of a fact."""

    document: str
    heading: str
    quote: str
    label: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence with what it cites, and whether it may be said on that."""

    id: str
    kind: Kind
    question: str
    sentence: str
    evidence: tuple[Cited, ...]
    is_honest: bool


HONEST = frozenset({Kind.PARAPHRASE, Kind.CLOSE})


def paraphrases(half: Half) -> list[Case]:
    """The honest sentences of a half that are worded freely."""
    return _read(FOLDER / f"paraphrases_{half}.jsonl", half)


def close(half: Half) -> list[Case]:
    """The honest sentences of a half that keep to the words of their quotes."""
    return _read(FOLDER / f"close_{half}.jsonl", half)


def lies(half: Half) -> list[Case]:
    """The lies of a half that were written by hand."""
    return _read(FOLDER / f"lies_{half}.jsonl", half)


def units_cited(case: Case) -> list[tuple[Unit, Document]]:
    """The units that a case cites, in its order.

    Raises:
        ValueError: a quote is no unit of its page, or of several that are told apart by nothing.
    """
    return [_unit_cited(cited, case.id) for cited in case.evidence]


def _read(file: Path, half: Half) -> list[Case]:
    cases: list[Case] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["half"] != half:
            raise ValueError(f"{file.name}: {record['id']} belongs to the other half")
        evidence = tuple(
            Cited(each["document"], each["heading"], each["quote"], each.get("label"))
            for each in record["evidence"]
        )
        kind = Kind(record["kind"])
        cases.append(
            Case(record["id"], kind, record["question"], record["sentence"], evidence, record["true"])
        )
    return cases


def _unit_cited(cited: Cited, name: str) -> tuple[Unit, Document]:
    document, units = _page(cited.document)
    found = [
        unit
        for unit in units
        if document.text[unit.start : unit.end] == cited.quote
        and (unit.headings[-1] if unit.headings else "") == cited.heading
        and _label(unit) == cited.label
    ]
    if len(found) != 1:
        raise ValueError(
            f"{name}: {len(found)} units of {cited.document} are '{cited.quote}'; cite exactly one"
        )
    return found[0], document


def _label(unit: Unit) -> str | None:
    if unit.kind not in {UnitKind.FACT, UnitKind.BLANK}:
        return None
    return ", ".join(_said(unit.audience, unit.label))


def _said(*texts: str) -> Iterable[str]:
    return (text for text in texts if text)


@lru_cache(maxsize=32)
def _page(path: str) -> tuple[Document, list[Unit]]:
    [document] = read_file(ROOT / path, path)
    return document, units_of(document)
