"""Sentences by a language model, each checked against its evidence before anything is shown.

A model only ever rewords what was found: which question is answered, from which evidence and with which
outcome was decided without it. What it adds, changes or leaves out is dropped; where too little is left,
the quoted answer stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ingest.documents import BlockKind, Document
from ingest.words import stems

from .claims import claims_of
from .conversation import Turn
from .countries import Audience
from .figures import addresses_in, all_words, names_in, numbers_in
from .glossary import LANGUAGES, glossary
from .grounding import Draft, Span, fault
from .language_model import Deadline, Fault, LanguageModel, ModelFault, Prompt, Usage
from .languages import detect
from .lexicon import lexicon
from .model_answer import ANSWER_SCHEMA, TRANSLATED_SCHEMA, Written, read_answer, read_line
from .prompts import prompt, prompts_hash
from .recent import Recent
from .reply import ModelUse, Reply, Support
from .support import Source, SupportCheck
from .wording import DEFAULT_LANGUAGE

SECONDS = 20.0
"""How long a reply may take by default, all calls of the model together."""
MOST_EVIDENCE = 8
"""Pieces of evidence that a model is shown: what it needs is among the first, and few are read fast."""
MOST_CACHED = 512
"""Answers that are kept to be given again."""
# Turns before that a follow-up is read with, and code points of a reply in them.
_TURNS, _REPLY = 3, 400
_NAMES = {"en": "English", "nl": "Dutch", "de": "German", "es": "Spanish", "fr": "French", "zh": "Chinese"}


class Task(StrEnum):
    """What a language model may be asked for; each can be switched off, and none is needed."""

    ANSWERS = "answers"
    FOLLOW_UPS = "follow-ups"
    LANGUAGES = "languages"
    SEARCH_TERMS = "search-terms"


ALL_TASKS = frozenset(Task)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A piece of evidence as a model is shown it: the quoted sentence, and what the check compares with."""

    draft: Draft
    source: Source
    document: Document


@dataclass(frozen=True, slots=True)
class Answer:
    """The sentences that passed, and how many did as they came, with other evidence, and not at all."""

    drafts: tuple[Draft, ...]
    kept: int = 0
    repaired: int = 0
    dropped: int = 0


class Writer:
    """A language model, what it may be asked for, and its recent answers. Safe across threads."""

    def __init__(
        self,
        model: LanguageModel,
        check: SupportCheck,
        *,
        seconds: float = SECONDS,
        tasks: frozenset[Task] = ALL_TASKS,
    ) -> None:
        self.model = model
        self.check = check
        self.seconds = seconds
        self.tasks = tasks
        self.recent: Recent[Answer] = Recent(MOST_CACHED)

    def begin(self) -> Writing:
        """The work on one reply, whose time begins now."""
        return Writing(self)


@dataclass(slots=True)
class Writing:
    """What a language model does for one reply: all its calls share one deadline. For one thread."""

    writer: Writer
    deadline: Deadline = field(init=False)
    _usage: Usage = field(default=Usage(), init=False)
    _faults: list[Fault] = field(default_factory=list, init=False)
    _answer: Answer = field(default=Answer(()), init=False)
    _is_cached: bool = field(default=False, init=False)
    _is_asked: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.deadline = Deadline.after(self.writer.seconds)

    @property
    def use(self) -> ModelUse | None:
        """What the model did; None where it was not asked."""
        if not (self._is_asked or self._is_cached):
            return None
        return ModelUse(
            model=self.writer.model.name,
            prompts=prompts_hash(),
            input_tokens=self._usage.input_tokens,
            output_tokens=self._usage.output_tokens,
            kept=self._answer.kept,
            repaired=self._answer.repaired,
            dropped=self._answer.dropped,
            faults=tuple(str(each) for each in self._faults),
            is_cached=self._is_cached,
        )

    def may(self, task: Task) -> bool:
        """Whether the model may be asked for this, and has time left."""
        return task in self.writer.tasks and self.deadline.left > 0

    def answer(
        self,
        question: str,
        evidence: Sequence[Numbered],
        *,
        language: str,
        asker: Audience | None,
        generation: str,
        is_enough: Callable[[Sequence[Draft]], bool],
    ) -> list[Draft]:
        """The model's checked sentences; empty where it is of no use, and the quoted answer has to do.

        ``is_enough`` tells whether sentences still answer.
        """
        if language not in _NAMES or not self.may(Task.ANSWERS):
            return []
        if language != DEFAULT_LANGUAGE and not self.may(Task.LANGUAGES):
            return []
        evidence = evidence[:MOST_EVIDENCE]
        spans = tuple(each.draft.spans for each in evidence)
        key = (question, language, asker, generation, prompts_hash(), self.writer.model.name, spans)
        answer = self.writer.recent.get(key)
        self._is_cached = answer is not None
        if answer is None:
            written = self._written(question, evidence, language)
            if written is None:
                return []
            answer = self._checked(written, evidence, language=language, asker=asker, question=question)
            self.writer.recent.keep(key, answer)
        self._answer = answer
        if not is_enough(answer.drafts):
            self._faults.append(Fault.UNSUPPORTED)
            return []
        return list(answer.drafts)

    def follow_up(self, message: str, history: Sequence[Turn]) -> str | None:
        """The question that ``message`` asks after ``history``, in the conversation's words; None without."""
        if not history or not self.may(Task.FOLLOW_UPS):
            return None
        turns = history[-_TURNS:]
        said = [f"Student: {turn.question}\nAssistant: {turn.reply_text[:_REPLY]}" for turn in turns]
        user = "\n".join([*said, f"Student's new message: {message}"])
        line = self._line(Prompt(prompt("follow_up"), user))
        known = " ".join([user, *(turn.topic for turn in turns), *(turn.standalone for turn in turns)])
        if not line or line.casefold() == message.casefold() or _adds(line, known):
            return None
        return line

    def in_english(self, message: str) -> str | None:
        """``message`` in English, its numbers and names as they were; None where the model does not tell."""
        if not self.may(Task.SEARCH_TERMS):
            return None
        line = self._line(Prompt(prompt("search_terms"), message))
        if not line or numbers_in(line) != numbers_in(message):
            return None
        return line if names_in(line) <= all_words(message) | _english_names() else None

    def reworded(self, as_written: str, in_english: str, history: Sequence[Turn]) -> Iterator[str]:
        """What a message may ask in other words, for one that nothing was found for: each costs a call."""
        if as_written != in_english and (text := self.in_english(as_written)):
            yield text
        if text := self.follow_up(in_english, history):
            yield text

    def _line(self, asked: Prompt) -> str:
        try:
            return read_line(self._complete(asked))
        except ModelFault as error:
            self._faults.append(error.fault)
            return ""

    def _complete(self, asked: Prompt) -> str:
        """The model's text. Raises: ModelFault."""
        self._is_asked = True
        completion = self.writer.model.complete(asked, self.deadline)
        self._usage += completion.usage
        return completion.text

    def _written(self, question: str, evidence: Sequence[Numbered], language: str) -> list[Written] | None:
        is_translated = language != DEFAULT_LANGUAGE
        shape = (
            prompt("translated_shape", language_name=_NAMES[language])
            if is_translated
            else prompt("answer_shape")
        )
        asked = Prompt(
            f"{prompt('answer', language_name=_NAMES[language])}\n\n{shape}",
            prompt("question", question=question, evidence=_shown(evidence)),
            TRANSLATED_SCHEMA if is_translated else ANSWER_SCHEMA,
        )
        try:
            return read_answer(self._complete(asked))
        except ModelFault as error:
            self._faults.append(error.fault)
            return None

    def _checked(
        self,
        written: Sequence[Written],
        evidence: Sequence[Numbered],
        *,
        language: str,
        asker: Audience | None,
        question: str,
    ) -> Answer:
        drafts: list[Draft] = []
        kept = repaired = 0
        for sentence in written:
            draft = self._draft(sentence, evidence, language=language, asker=asker, question=question)
            if draft is None or any(draft.text == other.text for other in drafts):
                continue
            drafts.append(draft)
            named = [evidence[n - 1].draft.spans for n in sentence.evidence if 0 < n <= len(evidence)]
            is_as_named = set(draft.spans) >= {span for spans in named for span in spans} and bool(named)
            kept += is_as_named
            repaired += not is_as_named
        return Answer(tuple(drafts), kept, repaired, len(written) - len(drafts))

    def _draft(
        self,
        sentence: Written,
        evidence: Sequence[Numbered],
        *,
        language: str,
        asker: Audience | None,
        question: str,
    ) -> Draft | None:
        """The sentence with evidence that supports it: what it names, else other; None without any."""
        if language != DEFAULT_LANGUAGE and not is_translation(sentence.text, sentence.english, language):
            return None
        named = tuple(n for n in sentence.evidence if 0 < n <= len(evidence))
        for numbers in _attempts(named, len(evidence)):
            chosen = [evidence[number - 1] for number in numbers]
            if not addresses_in(sentence.text) <= addresses_in(
                "\n".join(each.source.quote for each in chosen)
            ):
                continue
            sources = [each.source for each in chosen]
            if not self.writer.check.verdict(
                sentence.english, sources, asker=asker, question=question
            ).is_supported:
                continue
            spans = tuple(dict.fromkeys(span for each in chosen for span in each.draft.spans))
            draft = Draft(sentence.text, spans, Support.VERIFIED, in_english=sentence.english)
            documents = {each.document.id: each.document for each in chosen}
            if (named_draft := _with_names(draft, documents)) is not None:
                return named_draft
        return None


def in_english(writing: Writing | None, message: str) -> str | None:
    """``message`` in English by a model; None without one, or where it does not tell."""
    return writing.in_english(message) if writing is not None else None


def with_use(reply: Reply, writing: Writing | None) -> Reply:
    """``reply`` with what the model did for it; it is a generated one where a sentence is the model's."""
    if writing is None or (use := writing.use) is None:
        return reply
    if not any(sentence.support is Support.VERIFIED for sentence in reply.sentences):
        return replace(reply, model_use=use)
    return replace(reply, model_use=use, mode="generated", model=use.model)


def _attempts(named: tuple[int, ...], count: int) -> list[tuple[int, ...]]:
    """Which evidence to try, in this order: each that a sentence names, all of that, other evidence."""
    singles = [(number,) for number in named]
    others = [(number,) for number in range(1, count + 1) if number not in named]
    with_one_more = [(*named, number) for (number,) in others] if named else []
    return [*singles, *([named] if len(named) > 1 else []), *others, *with_one_more]


def _with_names(draft: Draft, documents: dict[str, Document]) -> Draft | None:
    """``draft``, cited too the headings that its names stand in; None where a name stands in none of them."""
    if fault(draft, documents) is None:
        return draft
    missing = names_in(draft.in_english or draft.text) | numbers_in(draft.text)
    headings = [
        Span(document.id, block.start, block.end)
        for document in documents.values()
        for block in document.blocks
        if block.kind is BlockKind.HEADING and missing & all_words(document.text[block.start : block.end])
    ]
    for heading in headings:
        candidate = replace(draft, spans=(*draft.spans, heading))
        if fault(candidate, documents) is None:
            return candidate
    return None


def said_in(heading: str) -> frozenset[str]:
    """The words and the numbers of a heading."""
    return all_words(heading) | numbers_in(heading)


def is_translation(text: str, english: str, language: str) -> bool:
    """Whether ``text`` may be what ``english`` says: the same numbers, addresses, denials, nothing new.

    What the glossary of the language does not know is not compared; of a sentence that is mostly such words
    nothing is known, and it is none.
    """
    if language not in LANGUAGES or numbers_in(text) != numbers_in(english):
        return False
    if detect(text, language) != language:
        return False
    if addresses_in(text) != addresses_in(english):
        return False
    back = glossary(language).to_english(text)
    if len(back.unknown) * 2 > len(back.text.split()) + 1:
        return False
    told, said = claims_of(back.text), claims_of(english)
    if sum(claim.denies for claim in told) % 2 != sum(claim.denies for claim in said) % 2:
        return False
    return lexicon().read(stems(back.text))[1] <= lexicon().read(stems(english))[1]


def _shown(evidence: Sequence[Numbered]) -> str:
    """The evidence as a model reads it, one line each, with its place and the day of its page."""
    lines: list[str] = []
    for number, each in enumerate(evidence, 1):
        headings = each.draft.spans[0].headings if each.draft.spans else ()
        place = " › ".join(dict.fromkeys([each.document.title, *headings]))
        dated = f", page of {each.document.modified_on}" if each.document.modified_on else ""
        lines.append(f"[{number}] {' '.join(each.draft.text.split())} ({place}{dated})")
    return "\n".join(lines)


def _adds(line: str, known: str) -> bool:
    """Whether a question says what the conversation does not: a number, a name, a word of weight."""
    if not numbers_in(line) <= numbers_in(known) or not names_in(line) <= all_words(known):
        return True
    roots = set(stems(known))
    return any(word not in roots for claim in claims_of(line) for word in claim.words)


def _english_names() -> frozenset[str]:
    """Words that English writes with a capital and other languages do not: languages, peoples, months."""
    return frozenset(
        "english dutch german french spanish chinese italian european eu january february march april may "
        "june july august september october november december bachelor master bachelor's master's phd".split()
    )
