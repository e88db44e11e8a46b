"""How many lies the support check stops, and how many honest sentences it lets through.

Run ``python tests/benchmarks/lies.py [--half dev|test] [--survivors] [--lost] [--json FILE]``. Tries the
check on the sentences of ``tests/assistant/support``, half of which it was tuned on, and on lies made of
them by program (``mutations.py``); each is judged with the quotes that it cites and nothing else. Prints
what became of honest sentences and of lies, the lies by kind with 95 % Wilson intervals, and why honest
sentences were stopped; with ``--survivors`` the lies that were let through, with ``--lost`` the honest
sentences that were not. Exit status 3 where fewer lies are stopped or fewer honest sentences survive than
the floors say.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mutations import lies_from
from numpy.typing import NDArray
from support_cases import HONEST, ROOT, Case, Half, Kind, close, lies, paraphrases, units_cited

sys.path.insert(0, str(ROOT))

from assistant.evaluation.metrics import Share
from assistant.support import SupportCheck, source_of
from ingest.embedding import Embedder, load_embedder

# What is aimed at: 99 % of lies stopped, 95 % of honest sentences kept. What is held, a little below what was
# measured on 23 November 2026 (see the README): stopped, kept of those close to their quotes, of free ones.
FLOORS = {Half.DEV: (0.985, 0.95, 0.53), Half.TEST: (0.965, 0.84, 0.40)}


@dataclass(frozen=True, slots=True)
class Judged:
    """What the check said of a sentence. ``is_made`` where a program made it of an honest one."""

    case: Case
    is_let_through: bool
    reason: str = ""
    is_made: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """The sentences of a half after the check."""

    judged: tuple[Judged, ...]

    @property
    def honest_kept(self) -> Share:
        return self.kept(HONEST)

    def kept(self, kinds: Iterable[Kind]) -> Share:
        """The honest sentences of ``kinds`` that were let through."""
        wanted = set(kinds)
        return _share(each.is_let_through for each in self.judged if each.case.kind in wanted)

    @property
    def lies_stopped(self) -> Share:
        return self.stopped(Kind)

    def stopped(self, kinds: Iterable[Kind], *, is_made: bool | None = None) -> Share:
        """The lies of ``kinds`` that were stopped: of all, by hand or made by program."""
        wanted = set(kinds)
        return _share(
            not each.is_let_through
            for each in self.judged
            if not each.case.is_honest
            and each.case.kind in wanted
            and (is_made is None or each.is_made == is_made)
        )

    @property
    def survivors(self) -> list[Judged]:
        return [each for each in self.judged if not each.case.is_honest and each.is_let_through]

    @property
    def lost(self) -> list[Judged]:
        return [each for each in self.judged if each.case.is_honest and not each.is_let_through]


class Remembering:
    """An embedding model that embeds each text once: most quotes are cited by several sentences."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}
        self.name, self.fingerprint = embedder.name, embedder.fingerprint
        self.dimensions = embedder.dimensions

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known |= zip(new, self._embedder.embed(new, on_progress=on_progress), strict=True)
        return np.stack([self._known[text] for text in texts])


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print and write; exit status 3 where a floor is missed."""
    parser = argparse.ArgumentParser(description="Try the support check on lies and honest sentences.")
    parser.add_argument("--half", type=Half, choices=list(Half), default=Half.TEST)
    parser.add_argument("--survivors", action="store_true", help="print the lies that were let through")
    parser.add_argument("--lost", action="store_true", help="print the honest sentences that were stopped")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    tally = judge(SupportCheck(Remembering(load_embedder())), options.half)
    print(as_text(tally, options.half))
    for is_wanted, judged in ((options.survivors, tally.survivors), (options.lost, tally.lost)):
        if is_wanted:
            print("\n".join(["", *map(_line, judged)]))
    if options.json is not None:
        options.json.write_text(json.dumps(_as_json(tally, options.half), indent=1) + "\n", encoding="utf-8")
    return 0 if is_good_enough(tally, options.half) else 3


def judge(check: SupportCheck, half: Half) -> Tally:
    """What ``check`` says of every sentence of ``half``."""
    honest = paraphrases(half)
    by_hand = [_judged(check, case, is_made=False) for case in [*honest, *close(half), *lies(half)]]
    return Tally((*by_hand, *(_judged(check, case, is_made=True) for case in lies_from(honest))))


def is_good_enough(tally: Tally, half: Half) -> bool:
    """Whether the floors of the half are reached, by honest sentences of each kind."""
    measured = (tally.lies_stopped, tally.kept([Kind.CLOSE]), tally.kept([Kind.PARAPHRASE]))
    return all((share.value or 0.0) >= floor for share, floor in zip(measured, FLOORS[half], strict=True))


def as_text(tally: Tally, half: Half) -> str:
    """The confusion table, the lies by kind, and why honest sentences were stopped."""
    kept, stopped = tally.honest_kept, tally.lies_stopped
    lines = [
        f"{half} half      n  let through  stopped",
        f"honest     {kept.n:>6}{kept.hits:>13}{len(tally.lost):>9}   kept {_said(kept)}",
        f"lies       {stopped.n:>6}{len(tally.survivors):>13}{stopped.hits:>9}   stopped {_said(stopped)}",
        "",
        *(
            f"{name:<28}{_of(share)}, {_said(share)}"
            for name, kind in (
                ("honest, worded freely", Kind.PARAPHRASE),
                ("honest, close to its quotes", Kind.CLOSE),
            )
            if (share := tally.kept([kind])).n
        ),
        "",
        f"{'lies stopped':<16}{'by hand':>12}{'by program':>13}   together",
    ]
    for kind in Kind:
        together = tally.stopped([kind])
        if together.n:
            hand, made = (tally.stopped([kind], is_made=is_made) for is_made in (False, True))
            lines.append(f"{kind:<16}{_of(hand):>12}{_of(made):>13}   {_of(together)}, {_said(together)}")
    hand, made = (tally.stopped(Kind, is_made=is_made) for is_made in (False, True))
    lines.append(f"{'all':<16}{_of(hand):>12}{_of(made):>13}   {_of(stopped)}, {_said(stopped)}")
    reasons = Counter(each.reason.split(":")[0] for each in tally.lost)
    if reasons:
        lines += ["", "why honest sentences were stopped"]
        lines += [f"{count:>6}  {reason}" for reason, count in reasons.most_common()]
    return "\n".join(lines)


def _judged(check: SupportCheck, case: Case, *, is_made: bool) -> Judged:
    sources = [source_of(unit, document) for unit, document in units_cited(case)]
    verdict = check.verdict(case.sentence, sources, question=case.question)
    return Judged(case, verdict.is_supported, verdict.reason, is_made)


def _share(hits: Iterable[bool]) -> Share:
    counted = list(hits)
    return Share(sum(counted), len(counted))


def _of(share: Share) -> str:
    return f"{share.hits} of {share.n}" if share.n else "-"


def _said(share: Share) -> str:
    interval = share.interval
    if share.value is None or interval is None:
        return "-"
    return f"{share.value:.1%} ({interval.low:.1%} to {interval.high:.1%})"


def _line(judged: Judged) -> str:
    quotes = " // ".join(cited.quote.replace("\n", " ¶ ") for cited in judged.case.evidence)
    reason = f"\n    {judged.reason}" if judged.reason else ""
    return f"{judged.case.id} ({judged.case.kind}): {judged.case.sentence}\n    << {quotes}{reason}"


def _as_json(tally: Tally, half: Half) -> dict[str, Any]:
    def counted(share: Share) -> dict[str, int]:
        return {"hits": share.hits, "n": share.n}

    return {
        "half": half,
        "honest_kept": counted(tally.honest_kept),
        "lies_stopped": counted(tally.lies_stopped),
        "by_kind": {kind: counted(tally.stopped([kind])) for kind in Kind if tally.stopped([kind]).n},
        "survivors": [each.case.id for each in tally.survivors],
        "lost": {each.case.id: each.reason for each in tally.lost},
    }


if __name__ == "__main__":
    sys.exit(main())
