"""The assistant: one question in, one checked reply out. ``Assistant.reply`` is the whole story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cache, partial
from time import perf_counter

from ingest.documents import Document
from ingest.embedding import Embedder
from ingest.index import Index
from ingest.question_vectors import Awaited, QuestionVectors

from .branches import branches
from .composing import compose_all
from .confidence import LEAST_CONFIDENCE
from .conflicts import PageSubjects, with_conflicts
from .contacts import Contacts, contact_drafts
from .conversation import StandAlone, Turn, branch_chosen, check_question, of_branch, stand_alone
from .countries import audience_of_question
from .evidence import Evidence, EvidencePicker
from .generation import Writer, Writing, in_english, with_use
from .grounding import Draft, Grounded, ground
from .intents import Intent, Sense, intents_of
from .languages import hear
from .lexicon import lexicon
from .notices import Clock, notices
from .outcome import Decision, decide, least_sure, merged_outcome
from .programmes import decide_among
from .questions import Question, each_amount, parts, understand, without_words
from .recent import Recent
from .reply import ANSWERING, Branch, Outcome, Reply
from .retrieval import Hit, retrieve
from .scope import small_talk, within_scope
from .spelling import Speller
from .subject import Subject, SubjectFinder
from .terms import TermRole
from .visited import PageAddresses
from .wording import wording
from .written import may_be_written, numbered, still_answers

# Passages whose units are weighed. Facts of one page lie far apart; twelve passages are some 100 units.
PASSAGES = 12
SUGGESTIONS = 3
# Replies that are kept to be given again: 3 MB or so.
REPLIES_KEPT = 512
# Passages at the top of the index whose headings are suggested.
OPENING_PASSAGES = 40
# In coverage and in score: the same line on another programme's page is this near.
_ABOUT_AS_WELL = 0.1


class Assistant:
    """Answers from one open index. Holds no conversation: what was said before comes with each call.

    ``least_confidence`` in [0, 1] is how likely an answer must be right to be given (see ``confidence``).
    With a ``writer`` answers are reworded by a language model where that stands the check. ``vectors`` are
    those of the embedder where assistants share them.
    """

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        *,
        clock: Clock | None = None,
        least_confidence: float = LEAST_CONFIDENCE,
        writer: Writer | None = None,
        vectors: QuestionVectors | None = None,
    ) -> None:
        self._index = index
        self._vectors = vectors or QuestionVectors(embedder)
        self._clock = clock or Clock()
        self._picker = EvidencePicker(index)
        self._intents = intents_of(embedder.fingerprint)
        self._decide_by = partial(decide, is_known=self._picker.known, least_confidence=least_confidence)
        self._subjects = SubjectFinder(index.documents)
        self._speller = Speller(lambda: (passage.text for passage in index.passages), lexicon().words)
        self._page_subjects = PageSubjects(index.documents)
        self._contacts = Contacts(index.documents, self._picker.units_of)
        self._addresses = PageAddresses(index.documents.values())
        self._writer = writer
        self._recent: Recent[Reply] = Recent(REPLIES_KEPT)

    def without_writer(self) -> Assistant:
        """The same assistant, whose replies are all quoted; it shares what this one has read."""
        quoting = copy(self)
        quoting._writer = None
        quoting._recent = Recent(REPLIES_KEPT)
        return quoting

    def reply(
        self,
        message: str,
        *,
        history: Sequence[Turn] = (),
        profile: Mapping[str, str] | None = None,
        language: str | None = None,
        page: str | None = None,
    ) -> Reply:
        """Return the checked reply to ``message``; ``page`` is the address of the page that its writer is on.

        Raises:
            InvalidQuestion: the message is empty, too long, or not text.
        """
        asked = message, tuple((profile or {}).items()), language, page, self._clock.today()
        is_first = not history and self._writer is None  # as most that come again are
        if is_first and (kept := self._recent.get(asked)) is not None:
            return kept
        visited = self._addresses.document_at(page) if page else None
        reply = self._reply_to(message, history, profile, language, visited)
        reply = replace(reply, page=visited.title) if visited is not None else reply
        if is_first:
            self._recent.keep(asked, replace(reply, retrieval_seconds=None))
        return reply

    def _reply_to(
        self,
        message: str,
        history: Sequence[Turn],
        profile: Mapping[str, str] | None,
        language: str | None,
        visited: Document | None,
    ) -> Reply:
        message = check_question(message)
        as_written = message
        writing = self._writer.begin() if self._writer is not None else None
        chosen = branch_chosen(message, history)
        if chosen is not None:
            # What was chosen is a question that was understood before, and in which language, too.
            message, language = history[-1].standalone, language or history[-1].language
        heard = hear(message, language, history)
        message, language, history = heard.message, heard.language, heard.history
        if heard.lost is not None and (translated := in_english(writing, as_written)):
            message = translated
        elif heard.lost is not None:
            text = wording(language)["framing"][heard.lost]
            return self._plain(Outcome.NOT_FOUND, message, text, language)
        talk = small_talk(message)
        if talk is not None:
            return self._plain(Outcome.SMALL_TALK, message, wording(language)["framing"][talk], language)
        scope = within_scope(message)
        if scope.reason is not None:
            return self._plain(
                Outcome.OUT_OF_SCOPE, message, wording(language)["framing"][scope.reason.wording], language
            )

        if chosen is not None:
            asked = of_branch(chosen, history, profile, unnamed=self._unnamed)
        else:
            asked = stand_alone(
                self._mended_and_expected(scope.question, history),
                history,
                profile,
                page_named=self._page_named,
                page_at_level=self._subjects.at_level,
                unnamed=self._unnamed,
                names_another=self._names_another,
                visited=visited.title if visited is not None else "",
            )
        if visited is not None and asked.topic == visited.title and not asked.document:
            asked = replace(asked, document=visited.id)
        began = perf_counter()
        spoken_of = asked
        asked, decided, outcome = self._decide_here_or_elsewhere(asked)
        seconds = perf_counter() - began
        if writing is not None and outcome is Outcome.NOT_FOUND:
            others = writing.reworded(as_written, message, history)
            asked, decided, outcome = self._decide_reworded(asked, others) or (asked, decided, outcome)
        drafts: list[Draft] = []
        if outcome in ANSWERING and (asked is not spoken_of or _is_of_another(decided, asked.document)):
            is_before_their_eyes = visited is not None and spoken_of.document == visited.id
            said = "not_here" if is_before_their_eyes else "elsewhere"
            drafts.append(Draft(wording(language)["framing"][said]))
        quoted = compose_all(decided, outcome, language, units_of=self._picker.units_of, asked=asked.text)
        drafts += self._written(writing, asked, decided, quoted, language) or quoted
        drafts += self._whom_to_ask(asked, decided, outcome, drafts, language)
        grounded = ground(drafts, self._index.documents)
        reply = self._reply(outcome, asked.text, decided, grounded, language)
        reply = replace(reply, dropped=grounded.dropped, retrieval_seconds=seconds)
        return with_use(reply, writing)

    def _written(
        self,
        writing: Writing | None,
        asked: StandAlone,
        decided: Sequence[tuple[Question, Decision]],
        quoted: Sequence[Draft],
        language: str,
    ) -> list[Draft]:
        """The answer in a language model's words; empty without one, or where it has to be quoted."""
        if writing is None or not may_be_written(decided, quoted, language):
            return []
        return writing.answer(
            asked.text,
            [each for question, decision in decided for each in numbered(question, decision)],
            language=language,
            asker=asked.audience,
            generation=self._index.generation,
            is_enough=partial(still_answers, decided=decided),
        )

    def _page_named(self, text: str) -> str:
        """The title of the page that ``text`` names; of many programmes only where it names one of them."""
        if self._subjects.is_of_many:
            return self._subjects.title_named(text)
        return self._picker.page_named(text)

    def _names_another(self, title: str, text: str) -> bool:
        """Whether ``text`` names other pages than that titled ``title``, or one that there is not."""
        subject = self._subjects.find(text)
        if subject.is_missing:
            return True
        return bool(subject.documents) and not (
            subject.documents & self._subjects.titled(title) or self._subjects.at_level(title, text)
        )

    def _unnamed(self, text: str) -> str:
        """``text`` with "the programme" for the name of one, where there are many."""
        return self._subjects.without_names(text) if self._subjects.is_of_many else text

    def _subject_of(self, text: str, asked: StandAlone) -> Subject:
        """The pages that ``text`` names; where it names none, or several, that which is spoken of.

        Of few pages the one spoken of goes first among all (see ``EvidencePicker.pick``), unless the asker
        has it before their eyes.
        """
        subject = self._subjects.find(text)
        is_known = self._subjects.is_of_many or asked.document
        spoken_of = self._spoken_of(asked) if is_known else frozenset()
        if spoken_of & subject.documents:
            return replace(subject, documents=spoken_of & subject.documents, is_whole=True)
        if spoken_of and not subject.documents and not subject.is_missing:
            return Subject(spoken_of, is_whole=True)
        return subject

    def _spoken_of(self, asked: StandAlone) -> frozenset[str]:
        """The documents that the conversation is about, none where it is about no page."""
        return frozenset({asked.document}) if asked.document else self._subjects.titled(asked.topic)

    def _decide_here_or_elsewhere(
        self, asked: StandAlone
    ) -> tuple[StandAlone, list[tuple[Question, Decision]], Outcome]:
        """Decide what is asked; where the page spoken of does not say it, on what other pages do."""
        decided, outcome = self._decide(asked)
        if outcome is Outcome.NOT_FOUND and asked.alone:
            elsewhere = StandAlone(asked.alone, asked.audience)
            found, settled = self._decide(elsewhere)
            if not self._is_of_a_sibling(found, asked):
                return elsewhere, found, settled
        return asked, decided, outcome

    def _decide_reworded(
        self, asked: StandAlone, others: Iterable[str]
    ) -> tuple[StandAlone, list[tuple[Question, Decision]], Outcome] | None:
        """Decide on the first of ``others``, wordings of what is asked, that is answered; None if none is."""
        for text in others:
            other = replace(asked, text=text, alone="")
            decided, outcome = self._decide(other)
            if outcome in ANSWERING:
                return other, decided, outcome
        return None

    def _is_of_a_sibling(self, found: Sequence[tuple[Question, Decision]], asked: StandAlone) -> bool:
        """Whether an answer comes from a page like the one spoken of, which the question does not name."""
        cited = {item.document.id for _, decision in found for item in decision.evidence[:1]}
        if not cited or self._subjects.find(asked.alone).documents & cited:
            return False
        spoken_of = self._spoken_of(asked)
        return any(self._subjects.are_siblings(one, other) for one in spoken_of for other in cited)

    def _decide(self, asked: StandAlone) -> tuple[list[tuple[Question, Decision]], Outcome]:
        """Retrieve, pick evidence and decide, for each part of a question."""
        named = self._subject_of(asked.text, asked)

        def decide_each(pieces: Iterable[str]) -> list[tuple[Question, Decision]]:
            return [self._decide_part(self._understood(piece, asked), asked, named) for piece in pieces]

        if amounts := each_amount(asked.text):
            decided = decide_each(amounts)
            if all(decision.outcome in ANSWERING for _, decision in decided):
                return decided, merged_outcome([decision for _, decision in decided])
        decided = decide_each(parts(asked.text))
        return decided, merged_outcome([decision for _, decision in decided])

    def _understood(self, text: str, asked: StandAlone) -> Question:
        """What ``text``, a part of what is ``asked``, asks."""
        return understand(text, audience=asked.audience, people=asked.people, is_name=self._speller.is_name)

    def _decide_part(
        self, question: Question, asked: StandAlone, named: Subject
    ) -> tuple[Question, Decision]:
        """Decide on the pages that the question names; where they leave it open, on all pages.

        ``named`` is what the whole message names, for parts of it that name nothing.
        """
        subject = self._subject_of(question.text, asked)
        if named.documents and not (subject.documents and subject.documents <= named.documents):
            subject = named  # half of a name names other pages: "Literature" of "Literature and Policy"
        if subject.is_missing:
            return question, Decision(Outcome.NOT_FOUND)
        sense = self._sense_of(question.text)
        unsure: tuple[Question, Decision] | None = None
        if subject.documents:
            narrowed = self._narrowed(question, asked, subject)
            decision = self._decide_on(narrowed, sense, subject.documents)
            is_open = not subject.is_whole or decision.outcome is not Outcome.NOT_STATED
            if decision.outcome in ANSWERING or not is_open:
                return narrowed, decision
            unsure = (narrowed, decision) if decision.is_unsure else None
        hits = self._hits_beside(question, sense.vector, subject)
        found = self._picker.pick(question, sense, hits, topic=self._spoken_of(asked))
        decision = self._decide_by(question, found)
        if unsure is not None and decision.outcome is Outcome.NOT_FOUND:
            return unsure
        is_of_none = not (subject.documents or self._spoken_of(asked))
        if is_of_none and (several := self._programmes_that_say(decision, found)):
            return question, self._decide_on(question, sense, several)
        return question, self._contradicted(question, sense, decision, found)

    def _sense_of(self, text: str) -> Sense:
        """What vectors tell of a question; they are being made from now on."""
        unnamed = self._subjects.without_names(text)
        self._vectors.expect(text, unnamed)

        @cache
        def intent() -> Intent | None:
            return self._intents.of(self._vectors.of(unnamed)) if self._intents is not None else None

        return Sense(partial(self._vectors.of, text), intent)

    def _programmes_that_say(self, decision: Decision, found: Sequence[Evidence]) -> frozenset[str]:
        """The pages of several programmes that answer about as well, where the question names none of them.

        One of them would give the fee of one as the fee of all; none where one page answers best.
        """
        if decision.outcome not in ANSWERING:
            return frozenset()
        best = decision.evidence[0]
        page = best.document.id
        pages = {
            other.document.id
            for other in found
            if self._subjects.are_siblings(page, other.document.id)
            and other.has_value >= best.has_value
            and not other.is_beside
            and other.coverage >= best.coverage - _ABOUT_AS_WELL
            and other.score >= best.score - _ABOUT_AS_WELL
        }
        several = len(self._subjects.programmes({page, *pages})) > 1
        return frozenset({page, *pages}) if several else frozenset()

    def _narrowed(self, question: Question, asked: StandAlone, subject: Subject) -> Question:
        """``question`` without the words that name its page, which say nothing of what is asked there."""
        unnamed = self._subjects.without_names(question.text)
        narrowed = without_words(question, subject.said)
        named = set(question.terms) - set(narrowed.terms)
        if (
            any(term.role is TermRole.CONCEPT and term.concepts for term in named)
            and unnamed != question.text
        ):
            # "Finance with Business" asks for no funding.
            return replace(self._understood(unnamed, asked), text=question.text)
        return replace(narrowed, audience=asked.audience or audience_of_question(unnamed))

    def _decide_on(self, question: Question, sense: Sense, documents: frozenset[str]) -> Decision:
        """Decide on these pages alone: on those of each programme by itself where there are several."""
        programmes = self._subjects.programmes(documents)
        if len(programmes) > 1:
            return decide_among(programmes, self._index.documents, partial(self._decide_on, question, sense))
        found = self._picker.pick_from(question, sense, documents)
        decision = self._decide_by(question, found)
        return self._contradicted(question, sense, decision, found)

    def _hits_beside(self, question: Question, vector: Awaited, subject: Subject) -> list[Hit]:
        """The passages that match best; none of a programme's siblings, where the question names that."""
        if not subject.is_whole:
            return retrieve(self._index, question.text, vector, PASSAGES)
        hits = retrieve(self._index, question.text, vector, 4 * PASSAGES)
        named = sorted(subject.documents)[:1]
        return [hit for hit in hits if len(self._subjects.programmes({hit.passage.document_id, *named})) < 2][
            :PASSAGES
        ]

    def _contradicted(
        self,
        question: Question,
        sense: Sense,
        decision: Decision,
        found: Sequence[Evidence],
    ) -> Decision:
        """``decision`` with what contradicts it, also on pages about the same that were not looked at."""
        if question.expects is None or decision.outcome not in ANSWERING:
            return decision
        read = {evidence.document.id for evidence in found}
        best = decision.evidence[:1]
        kin = self._page_subjects.kin(best[0].document.id) if best else frozenset()
        more = self._picker.pick_from(question, sense, kin - read) if kin - read else []
        return with_conflicts(question, decision, [*found, *more], self._page_subjects)

    def _whom_to_ask(
        self,
        asked: StandAlone,
        decided: Sequence[tuple[Question, Decision]],
        outcome: Outcome,
        said: Sequence[Draft],
        language: str,
    ) -> list[Draft]:
        """Whom the pages name for what they leave open, and for a verdict on an application."""
        for question, decision in decided:
            is_open = decision.outcome is outcome and outcome in {Outcome.NOT_STATED, Outcome.NOT_FOUND}
            if not (is_open or question.asks_for_a_verdict):
                continue
            is_for_an_office = any(term.role is TermRole.CONCEPT for term in question.terms)
            named = self._subject_of(question.text, asked)
            if decision.evidence:
                page = decision.evidence[0].document.id
            elif is_open and is_for_an_office and not decision.unknown:
                pages = named.documents or self._spoken_of(asked)
                if named.is_missing or len(pages) > 1:
                    continue
                page = next(iter(pages), "")
            else:
                continue
            if named.documents and page not in named.documents:
                continue  # the nearest page is not the one that was meant
            contact = self._contacts.contact_for(question, page or None)
            if contact is not None:
                return contact_drafts(contact, page, said, language)
        return []

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """Return the passages that match ``query``, read without its typing errors, best first.

        Raises:
            InvalidQuestion: the query is empty, too long, or not text.
        """
        query = self._mended(check_question(query))
        self._vectors.expect(query)
        return retrieve(self._index, query, partial(self._vectors.of, query), limit)

    def _mended(self, text: str) -> str:
        """``text`` without typing errors; what is short for a programme's name is none."""
        return self._speller.mend(text, keep=self._subjects.is_short_for_a_name)

    def _mended_and_expected(self, text: str, history: Sequence[Turn]) -> str:
        """``text`` without typing errors; what opens a conversation is being embedded from now on.

        It is what is searched for in 552 of 561 first questions of the tests, and in 20 of 100 later ones.
        """
        mended = self._mended(text)
        if not history:
            self._vectors.expect(mended, self._subjects.without_names(mended))
        return mended

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
        conflicts = [pair for _, decision in decided for pair in decision.conflicts]
        evidence = [item for _, decision in decided for item in decision.evidence]
        evidence += [other for _, other in conflicts]
        to_choose: tuple[Branch, ...] = ()
        if outcome is Outcome.CLARIFY:
            to_choose = branches([decision for _, decision in decided], language)
        return Reply(
            outcome=outcome,
            question=question,
            text=text_of(grounded),
            sentences=grounded.sentences,
            citations=grounded.citations,
            notices=notices(grounded, evidence, conflicts, self._index.documents, language, self._clock),
            suggestions=self._suggestions(language)
            if outcome is Outcome.NOT_FOUND
            else tuple(branch.message for branch in to_choose),
            branches=to_choose,
            language=language,
            generation=self._index.generation,
            confidence=least_sure(decision for _, decision in decided),
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


def _is_of_another(decided: Sequence[tuple[Question, Decision]], document: str) -> bool:
    """Whether no evidence is of the page that is spoken of, where one is."""
    read = {item.document.id for _, decision in decided for item in decision.evidence}
    return bool(document) and document not in read


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
