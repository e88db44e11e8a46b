"""Whether the facts that real programme pages state in one line each are found when they are asked for.

Run it: ``python tests/benchmarks/page_facts.py [--pages N] [--seed N] [--cache FOLDER] [--show]``. Takes the
143 programme pages of one university under ``PROSPECTUS_SHARED`` (``data/tu_berlin_pages``), reads off each
what it states as a label and a value, and asks for it by the title of the page in each of the wordings of
``page_facts.json``, on so many pages each. A fact is *right* if one of the first two citations is of that
page and says its value; *wrong* is an answer that does not. The ``tuned`` wordings were in sight while the
assistant was tuned, those ``kept_back`` were not read. Prints shares with 95 % Wilson intervals.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from question_pages import ROOT

sys.path.insert(0, str(ROOT))

from assistant.assistant import Assistant
from assistant.evaluation.metrics import Share
from assistant.evaluation.overview import share_cells
from assistant.reply import Outcome, Reply
from ingest.documents import Document
from ingest.embedding import load_embedder
from ingest.index import open_current
from ingest.pipeline import ingest

WORDINGS = Path(__file__).with_suffix(".json")
HALVES = ("tuned", "kept_back")
# Code points of a value that a quote has to hold: long ones go on in remarks.
_ENOUGH = 12


class Fact(NamedTuple):
    """What a page states in a line of its own, and what is asked for it."""

    document: Document
    label: str
    value: str
    half: str
    question: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pages", type=int, default=3, help="pages that each wording is asked of")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/prospectus-page-facts"))  # noqa: S108
    parser.add_argument("--show", action="store_true", help="print what went wrong with the tuned wordings")
    options = parser.parse_args(arguments)
    shared = Path(os.environ.get("PROSPECTUS_SHARED") or ROOT.parent / "shared")
    embedder = load_embedder()
    ingest([shared / "data" / "tu_berlin_pages"], options.cache, embedder)
    index = open_current(options.cache, embedder=embedder)
    assistant = Assistant(index, embedder)
    rights: Counter[tuple[str, str]] = Counter()
    wrongs: Counter[tuple[str, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    for fact in facts(list(index.documents.values()), options.pages, options.seed):
        reply = assistant.reply(fact.question)
        right = is_right(fact, reply)
        wrong = not right and reply.outcome is Outcome.ANSWERED
        for row in ((fact.half, fact.label), (fact.half, "all")):
            asked[row] += 1
            rights[row] += right
            wrongs[row] += wrong
        if options.show and not right and fact.half == HALVES[0]:
            print(
                f"{fact.question} ({fact.value})\n    {reply.outcome}: {' '.join(reply.text.split())[:200]}"
            )
    index.close()
    for half, label in sorted(asked):
        _, interval, ratio = share_cells(Share(rights[half, label], asked[half, label]))
        print(f"{half:<10}{label:<26}right {ratio:<14}{interval:<16}wrong {wrongs[half, label]}")
    return 0


def facts(documents: Sequence[Document], pages: int, seed: int) -> Iterator[Fact]:
    """Each wording, asked of so many of the pages that state what it asks for."""
    draw = random.Random(seed)  # noqa: S311 - the same facts each time
    for label, halves in json.loads(WORDINGS.read_text(encoding="utf-8")).items():
        line = re.compile(rf"(?m)^{re.escape(label)}: *(?P<value>\S.*)$")
        stating = [(each, stated) for each in documents if (stated := line.search(each.text)) is not None]
        for half in HALVES:
            for wording in halves[half]:
                for document, stated in draw.sample(stating, min(pages, len(stating))):
                    yield Fact(document, label, stated["value"].strip(), half, wording.format(document.title))


def is_right(fact: Fact, reply: Reply) -> bool:
    """Whether one of the first two citations is of the page asked about and says the value."""
    value = fact.value[:_ENOUGH].casefold()
    return any(
        citation.document_id == fact.document.id and value in citation.quote.casefold()
        for citation in reply.citations[:2]
    )


if __name__ == "__main__":
    sys.exit(main())
