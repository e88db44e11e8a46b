"""The assistant: one question in, one checked reply out. ``Assistant.reply`` is the whole story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.embedding import Embedder
from ingest.index import Index
from ingest.units import UnitKind

from .composing import compose_all
from .conversation import StandAlone, Turn, check_question, stand_alone
from .evidence import Evidence, EvidencePicker
from .grounding import Draft, Grounded, ground
from .lexicon import lexicon
from .outcome import Decision, decide, merged_outcome
from .questions import Question, parts, understand
from .reply import Notice, Outcome, Reply
from .retrieval import Hit, retrieve
from .scope import is_out_of_scope, small_talk
from .spelling import Speller
from .wording import wording

# Passages whose units are weighed. Facts of one page lie far apart; twelve passages are some 100 units.
PASSAGES = 12
SUGGESTIONS = 3
# Passages at the top of the index whose headings are suggested.
OPENING_PASSAGES = 40
# A label of at most so many words is a blank field; a longer one is a sentence that breaks off.
BROKEN_WORDS = 5


class Assistant:
    """Answers from one open index. Holds no conversation: what was said before comes with each call."""

    def __init__(self, index: Index, embedder: Embedder) -> None:
        self._index = index
        self._embedder = embedder
        self._picker = EvidencePicker(index)
        self._speller = Speller(lambda: (passage.text for passage in index.passages), lexicon().words)

    def reply(
        self,
        message: str,
        *,
        history: Sequence[Turn] = (),
        profile: Mapping[str, str] | None = None,
        language: str | None = None,
    ) -> Reply:
        """Return the checked reply to ``message``.

        Raises:
            InvalidQuestion: the message is empty, too long, or not text.
        """
        message = check_question(message)
        language = language or "en"
        talk = small_talk(message)
        if talk is not None:
            return self._plain(Outcome.SMALL_TALK, message, wording(language)["framing"][talk], language)
        if is_out_of_scope(message):
            return self._plain(
                Outcome.OUT_OF_SCOPE, message, wording(language)["framing"]["out_of_scope"], language
            )

        asked = stand_alone(self._speller.mend(message), history, profile, page_named=self._picker.page_named)
        decided, outcome = self._decide(asked)
        preface: list[Draft] = []
        if outcome is Outcome.NOT_FOUND and asked.alone:
            # The page we were on does not say it. Another may, and the reply says that it is another.
            asked = StandAlone(asked.alone, asked.audience)
            decided, outcome = self._decide(asked)
            if outcome in {Outcome.ANSWERED, Outcome.CLARIFY}:
                preface = [Draft(wording(language)["framing"]["elsewhere"])]
        drafts = [*preface, *compose_all(decided, outcome, language, units_of=self._picker.units_of)]
        grounded = ground(drafts, self._index.documents)
        return self._reply(outcome, asked.text, decided, grounded, language)

    def _decide(self, asked: StandAlone) -> tuple[list[tuple[Question, Decision]], Outcome]:
        """Retrieve, pick evidence and decide, for each part of a question."""
        decided: list[tuple[Question, Decision]] = []
        for part in parts(asked.text):
            question = understand(part, audience=asked.audience, is_name=self._speller.is_name)
            vector = self._embedder.embed([question.text])[0]
            hits = retrieve(self._index, question.text, vector, PASSAGES)
            found = self._picker.pick(question, vector, hits, topic=asked.topic)
            decided.append((question, decide(question, found, is_known=self._picker.known)))
        return decided, merged_outcome([decision for _, decision in decided])

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """Return the passages that match ``query``, best first.

        Raises:
            InvalidQuestion: the query is empty, too long, or not text.
        """
        query = check_question(query)
        return retrieve(self._index, query, self._embedder.embed([query])[0], limit)

    def _reply(
        self,
        outcome: Outcome,
        question: str,
        decided: Sequence[tuple[Question, Decision]],
        grounded: Grounded,
        language: str,
    ) -> Reply:
        if outcome in {Outcome.ANSWERED, Outcome.NOT_STATED, Outcome.CLARIFY} and not grounded.citations:
            # Nothing stood the check: the honest answer is that there is none.
            grounded = ground([Draft(wording(language)["framing"]["not_found"])], {})
            outcome = Outcome.NOT_FOUND
        evidence = [item for _, decision in decided for item in decision.evidence]
        return Reply(
            outcome=outcome,
            question=question,
            text=text_of(grounded),
            sentences=grounded.sentences,
            citations=grounded.citations,
            notices=_notices(evidence, grounded, language),
            suggestions=self._suggestions(language) if outcome is Outcome.NOT_FOUND else (),
            language=language,
            generation=self._index.generation,
        )

    def _plain(self, outcome: Outcome, question: str, text: str, language: str) -> Reply:
        grounded = ground([Draft(text)], {})
        return Reply(
            outcome,
            question,
            text_of(grounded),
            grounded.sentences,
            (),
            language=language,
            generation=self._index.generation,
        )

    def _suggestions(self, language: str) -> tuple[str, ...]:
        """What can be asked instead: sections that pages open with."""
        about = wording(language)["suggestions"]["about"]
        headings = dict.fromkeys(
            passage.headings[-1].rstrip("?:. ")
            for passage in self._index.passages[:OPENING_PASSAGES]
            if len(passage.headings) > 1 or (passage.headings and passage.start > 0)
        )
        short = [heading for heading in headings if len(heading.split()) <= 5]
        return tuple(about.format(heading=heading) for heading in short[:SUGGESTIONS])


def text_of(grounded: Grounded) -> str:
    """All sentences with their citation marks; those of a list stand behind its lead-in."""
    parts: list[str] = []
    for sentence in grounded.sentences:
        marks = "".join(f" [{number}]" for number in sentence.citations)
        first, line_break, rest = sentence.text.partition("\n")
        parts.append(f"{first}{marks}{line_break}{rest}")
    joined = ""
    for part in parts:
        separator = "" if not joined else "\n" if "\n" in part or "\n" in joined.rsplit("]", 1)[-1] else " "
        joined = f"{joined}{separator}{part}"
    return joined


def _notices(evidence: Sequence[Evidence], grounded: Grounded, language: str) -> tuple[Notice, ...]:
    """A notice for each cited sentence of the page that breaks off."""
    text = wording(language)["framing"]["breaks_off"]
    places = {(citation.document_id, citation.start): citation.number for citation in grounded.citations}
    broken = [
        places[item.unit.document_id, item.unit.start]
        for item in evidence
        if item.unit.kind is UnitKind.BLANK
        and item.unit.label == item.text
        and len(item.text.split()) > BROKEN_WORDS
        and (item.unit.document_id, item.unit.start) in places
    ]
    return (Notice("blank", text, tuple(broken)),) if broken else ()
