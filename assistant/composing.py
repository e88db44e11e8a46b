"""From evidence to sentences, without a language model: quotes as they stand, and bare facts as sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ingest.sentences import sentence_spans
from ingest.units import Unit, UnitKind
from ingest.words import stems

from .arithmetic import Sum, add_up, compute, wanted_sum
from .evidence import Evidence
from .figures import readable_value
from .focus import focus
from .grounding import SHORTEST_QUOTE, Draft, Span
from .kinds import QuestionKind
from .labels import labelled, named_cells, own_label
from .outcome import Decision
from .programmes import name_draft, of_programme
from .questions import Question
from .reply import Outcome
from .terms import TermRole
from .wording import wording

# Sentences of an answer that is not a list.
MOST_SENTENCES = 3
# The same among values: a second figure that fits less well is another thing's.
ALSO_SHARE_OF_VALUE = 0.97
# The same beside a list, which is an answer by itself.
ALSO_SHARE_WITH_LIST = 0.95
# Code points of a list that is said whole where one of its items answers.
LONGEST_LIST = 900
# Code points. A list with more between its lead-in and its last item is quoted piece by piece.
LONGEST_QUOTE = 1_500
# Further evidence is shown where it scores at least this share of the best.
ALSO_SHARE = 0.9
_LEANS = re.compile(
    r"(?:all (?:of (?:it|this|that) )?depends?|it depends|this (?:depends|means|includes|also|can)|"
    r"however|otherwise|therefore|"
    r"in (?:that|this) case|but|note that|for (?:this|that) reason)\b",
    re.I,
)
_AS_WELL = 0.05
# Coverage above which a quote can be said to settle a yes/no question.
YES_NO_COVERAGE = 0.85
_RESTRICTED = re.compile(r"\b(?:not|only|unless|except|if|provided|but)\b", re.I)
# Kinds of question that one item of a list answers by itself.
_ABOUT_ONE = frozenset({QuestionKind.OPEN, QuestionKind.DEFINITION, QuestionKind.WHO, QuestionKind.WHERE})
# An item that says by itself whether something must be or may be.
_RULES = re.compile(r"\b(?:must|may|can|cannot|required|unless|allowed|not)\b.{10,}\.$", re.I | re.S)
_ANSWERED_BY_ONE = frozenset({QuestionKind.WHERE, QuestionKind.WHO, QuestionKind.DEFINITION})
# Yes and no are said only in the terms of the question: "may I" by a page that says may or may not, "must I"
# by one that says must or need not.
_FRAMES = (
    (
        re.compile(
            r"^(?:can|could|may|might|am i allowed|is it (?:possible|allowed|permitted))\b|\bpossible|"
            r"allowed|permitted\b",
            re.I,
        ),
        re.compile(r"\b(?:possible|allowed|permitted|can|may|able to)\b", re.I),
        re.compile(
            r"\b(?:not|only|never)\b[^.]{0,30}\b(?:possible|allowed|permitted)\b|\b(?:cannot|can ?not|"
            r"may not|impossible|not able)\b",
            re.I,
        ),
    ),
    (
        re.compile(
            r"^(?:must|should|do (?:i|we|you|applicants|students) (?:need|have) to|is .*\b(?:required|"
            r"mandatory|compulsory|necessary|needed)|are .*\b(?:required|mandatory|compulsory|necessary|"
            r"needed))\b",
            re.I,
        ),
        re.compile(
            r"\b(?:required|mandatory|compulsory|necessary|must|needs? to|has to|have to|obligatory)\b",
            re.I,
        ),
        re.compile(
            r"\b(?:not|no)\b[^.]{0,25}\b(?:required|mandatory|compulsory|necessary|needed|obligatory|"
            r"need)\b|\bneed not\b",
            re.I,
        ),
    ),
    (
        re.compile(
            r"\b(?:accepted|accept|available|offered|accredited|included|guaranteed|taught|recognised)\b",
            re.I,
        ),
        re.compile(
            r"\b(?:accepted|available|offered|accredited|includes?|included|covering|guaranteed|taught|"
            r"recognised)\b",
            re.I,
        ),
        re.compile(r"\b(?:not|no|nor|never)\b", re.I),
    ),
)  # fmt: skip


def compose_all(
    decided: Sequence[tuple[Question, Decision]],
    outcome: Outcome,
    language: str,
    *,
    units_of: Callable[[str], Sequence[Unit]],
    asked: str = "",
) -> list[Draft]:
    """Return the sentences that answer all questions of a message; a part without an answer is admitted.

    ``asked`` is the whole message, which may want the amounts of its parts together.
    """
    if len(decided) == 1:
        said = compose(*decided[0], language, units_of=units_of)
        return [*said, *_contradictions(*decided[0], said, language)]
    drafts: list[Draft] = []
    for question, decision in decided:
        if decision.outcome is not Outcome.NOT_FOUND:
            drafts += compose(question, decision, language, units_of=units_of)
            drafts += _contradictions(question, decision, drafts, language)
    key = "not_found" if outcome is Outcome.NOT_FOUND else "partly"
    if any(decision.outcome is Outcome.NOT_FOUND for _, decision in decided):
        drafts.append(Draft(wording(language)["framing"][key]))
    drafts += _together(decided, asked)
    once: dict[str, Draft] = {}
    for draft in drafts:
        # Two questions of a message can have one answer, also where two pages give it.
        once.setdefault(draft.text, draft)
    return list(once.values())


def _together(decided: Sequence[tuple[Question, Decision]], asked: str) -> list[Draft]:
    """The sum of the amounts that answer the parts of a message, where it wants them together."""
    if any(
        question.kind is not QuestionKind.AMOUNT or decision.outcome is not Outcome.ANSWERED
        for question, decision in decided
    ):
        return []
    return add_up(asked, [choose(question, decision.evidence)[0].unit for question, decision in decided])


def compose(
    question: Question, decision: Decision, language: str, *, units_of: Callable[[str], Sequence[Unit]]
) -> list[Draft]:
    """Return the sentences of the reply in order, before they are checked.

    ``units_of`` gives all units of a document, for sums that need what stands elsewhere on its page.
    """
    words = wording(language)["framing"]
    if decision.outcome is Outcome.NOT_FOUND:
        return [Draft(words["not_found_name" if decision.unknown else "not_found"])]
    if decision.is_unsure:
        return [Draft(words["unsure"]), draft_of(decision.evidence[0], question, language)]
    if decision.outcome is Outcome.NOT_STATED:
        return _not_stated(decision.evidence, language)
    sums = _sums(question, decision, units_of)
    if sums and wanted_sum(question.text) is Sum.DIFFERENCE:
        return sums
    if decision.outcome is Outcome.CLARIFY:
        return [*_branches(question, decision, language), *sums]
    chosen = choose(question, decision.evidence)
    drafts = [draft_of(evidence, question, language) for evidence in chosen]
    if sums:
        return [drafts[0], *sums]
    return _with_verdict(question, chosen[0], drafts, words)


def _contradictions(
    question: Question, decision: Decision, said: Sequence[Draft], language: str
) -> list[Draft]:
    """What other places say of the same thing, side by side with what was said; none of it twice."""
    words = wording(language)["framing"]
    quoted = {span for draft in said for span in draft.spans}
    drafts: list[Draft] = []
    for one, other in decision.conflicts:
        if _span(other) not in quoted:
            elsewhere = one.document.id != other.document.id
            framing = Draft(words["conflict_elsewhere" if elsewhere else "conflict_here"])
            drafts += [framing, draft_of(other, question, language)]
    return drafts


def _branches(question: Question, decision: Decision, language: str) -> list[Draft]:
    words = wording(language)["framing"]
    drafts = [draft_of(evidence, question, language) for evidence in decision.evidence]
    if not decision.pages:
        return [Draft(words["depends"]), *drafts]
    if not drafts:
        return [Draft(words["which_page"]), *filter(None, map(name_draft, decision.pages))]
    named = [
        of_programme(draft, evidence.document)
        for draft, evidence in zip(drafts, decision.evidence, strict=True)
    ]
    return [Draft(words["depends_on_page"]), *named]


def _sums(question: Question, decision: Decision, units_of: Callable[[str], Sequence[Unit]]) -> list[Draft]:
    """The calculations that an AMOUNT question wants and the stated facts allow."""
    wanted = wanted_sum(question.text)
    if wanted is None or question.kind is not QuestionKind.AMOUNT:
        return []
    facts = [evidence for evidence in decision.evidence if evidence.unit.kind is UnitKind.FACT]
    if decision.outcome is not Outcome.CLARIFY and wanted is not Sum.DIFFERENCE:
        facts = facts[:1]
    return compute(
        wanted,
        question.text,
        [(evidence.unit, evidence.document) for evidence in facts],
        units_of(facts[0].document.id) if facts else (),
    )


def _with_verdict(
    question: Question, best: Evidence, drafts: list[Draft], words: Mapping[str, str]
) -> list[Draft]:
    if question.asks_for_a_verdict:
        return [Draft(words["verdict"]), *drafts]
    verdict = _yes_or_no(question, best)
    if verdict is not None:
        first = drafts[0]
        return [Draft(f"{words[verdict]} {first.text}", first.spans, first.support)]
    return _distinct(drafts)


def _distinct(drafts: Sequence[Draft]) -> list[Draft]:
    """``drafts`` without those that quote again what one before them quotes."""
    kept: list[Draft] = []
    for draft in drafts:
        last = draft.spans[-1:]
        said = [span for other in kept for span in other.spans]
        if not any(_overlap(span, other) for span in last for other in said):
            kept.append(draft)
    return kept


def _overlap(one: Span, other: Span) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end


def choose(question: Question, found: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence to say: the best, and what stands with it; in the order of the page, none twice.

    A list is said whole and alone; a single value needs no company.
    """
    best = found[0]
    limit = 1 if question.expects is not None and best.unit.kind is UnitKind.FACT else MOST_SENTENCES
    chosen: list[Evidence] = []
    for evidence in found:
        least = (
            ALSO_SHARE_OF_VALUE
            if question.expects is not None
            else ALSO_SHARE
            if not chosen or chosen[0].unit.kind is not UnitKind.LIST
            else ALSO_SHARE_WITH_LIST
        )
        if len(chosen) == limit:
            break
        if chosen and evidence.score < best.score * least and not _is_another_such(question, evidence, best):
            continue
        said = _whole_list(question, evidence, found) or evidence
        is_company = chosen and said.unit.kind is UnitKind.LIST
        if is_company and (chosen[0].unit.kind is UnitKind.LIST or question.kind in _ANSWERED_BY_ONE):
            continue  # a place or a person needs no list beside it, and a list no other one
        if said.unit.document_id != best.unit.document_id or any(_repeats(said, other) for other in chosen):
            continue
        if question.expects is not None and (
            not evidence.has_value or (chosen and _is_of_another_section(question, evidence, best))
        ):
            continue
        chosen.append(said)
    lists = [evidence for evidence in chosen if evidence.unit.kind is UnitKind.LIST]
    chosen = [evidence for evidence in chosen if evidence.text not in {item.unit.lead_in for item in lists}]
    return [chosen[0], *sorted(chosen[1:], key=lambda evidence: evidence.position)]


def _is_of_another_section(question: Question, evidence: Evidence, best: Evidence) -> bool:
    """Whether a figure stands in another section than the best, whose heading the question says."""
    if evidence.unit.headings == best.unit.headings or not best.unit.headings:
        return False
    asked = {root for term in question.terms if term.role is not TermRole.GENERIC for root in term.stems}
    said = asked & set(stems(best.unit.headings[-1]))
    return bool(said - set(stems(" ".join(evidence.unit.headings[-1:]))))


def _is_another_such(question: Question, evidence: Evidence, best: Evidence) -> bool:
    """Whether a field is one more of what is to be listed: all days on which "Campus closed" stands."""
    return (
        question.kind is QuestionKind.LIST
        and evidence.unit.kind is best.unit.kind is UnitKind.FACT
        and evidence.uncovered == best.uncovered
        and evidence.coverage >= best.coverage - _AS_WELL
    )


def _whole_list(question: Question, evidence: Evidence, found: Sequence[Evidence]) -> Evidence | None:
    """The list to say in full instead of an item or its lead-in; None where a single value is asked."""
    if question.expects is not None or evidence.unit.kind is UnitKind.LIST:
        return None
    is_item = evidence.unit.kind is UnitKind.ITEM and not evidence.is_introduced
    if is_item and (
        question.kind in _ABOUT_ONE or (question.kind is QuestionKind.YES_NO and _RULES.search(evidence.text))
    ):
        return None
    for other in found:
        if other.unit.kind is not UnitKind.LIST or other.unit.document_id != evidence.unit.document_id:
            continue
        holds = (
            other.unit.start <= evidence.unit.start < other.unit.end
            and evidence.unit.kind is not UnitKind.SENTENCE
        )
        if (
            holds and other.unit.end - other.unit.start <= LONGEST_LIST
        ) or other.unit.lead_in == evidence.text:
            return other
    return None


def _not_stated(found: Sequence[Evidence], language: str) -> list[Draft]:
    words = wording(language)["framing"]
    best = found[0]
    unit = best.unit
    is_blank = unit.kind is UnitKind.BLANK
    drafts = [Draft(words["blank" if is_blank else "no_detail"])]
    spans = [_span(best)]
    text = _sentence_text(best.text) if not is_blank else f"“{best.text}”"
    about = _around_span(best)
    if is_blank and about is not None:
        spans.append(about)
        around = best.document.text[about.start : about.end]
        text = f"{text} – “{around}”"
    drafts.append(Draft(text, tuple(spans)))
    return drafts


def _around_span(evidence: Evidence) -> Span | None:
    """The first sentence of the text that says what a bare label is about."""
    around = evidence.unit.around
    if not around:
        return None
    start = evidence.document.text.find(around[:60], evidence.unit.end)
    if start < 0:
        return None
    end = evidence.document.text.find("\n", start)
    spans = sentence_spans(evidence.document.text, start, end if end >= 0 else None)
    if not spans:
        return None
    begin, stop = _before_figures(evidence.document.text, *spans[0])
    return (
        Span(evidence.unit.document_id, begin, stop, evidence.unit.headings)
        if stop - begin >= SHORTEST_QUOTE
        else None
    )


def _before_figures(text: str, start: int, end: int) -> tuple[int, int]:
    """The span up to the clause that brings a figure: beside a blank no number may look like its value."""
    figure = re.search(r"\d", text[start:end])
    if figure is None:
        return start, end
    clause = max(text.rfind(mark, start, start + figure.start()) for mark in (",", ";", ")", "–", "("))
    if clause < 0:
        return start, start
    return start, clause + 1 if text[clause] == ")" else clause


def _continued(evidence: Evidence) -> Span:
    """The sentence and the next one of its paragraph, where that one leans on it ("All depends on …")."""
    span = _span(evidence)
    text = evidence.document.text
    end = text.find("\n", span.end)
    rest = sentence_spans(text, span.end, end if end >= 0 else len(text))
    if evidence.unit.kind is UnitKind.SENTENCE and rest and _LEANS.match(text[rest[0][0] :]):
        return Span(span.document_id, span.start, rest[0][1], span.headings)
    return span


def draft_of(evidence: Evidence, question: Question, language: str) -> Draft:
    """Return the sentence that quotes one piece of evidence, with the spans that it rests on."""
    if evidence.unit.kind is UnitKind.LIST:
        return _list(evidence, language)
    if evidence.unit.kind is UnitKind.FACT:
        return _fact(evidence, question, language)
    if evidence.unit.kind is UnitKind.ITEM and evidence.unit.lead_in:
        return _item(evidence)
    if evidence.unit.kind is UnitKind.ROW and evidence.unit.lead_in:
        return _row(evidence)
    span = _continued(evidence)
    return Draft(_sentence_text(evidence.document.text[span.start : span.end]), (span,))


def _fact(evidence: Evidence, question: Question, language: str) -> Draft:
    """A bare fact as a sentence: "Tuition fee for EU/EEA students: 2,060 EUR per year."."""
    unit = evidence.unit
    label = own_label(unit, evidence.text)
    if not label and question.expects is not None:
        label = wording(language)["labels"][question.expects]
    named = labelled(label or unit.label, unit.audience, language) if label or unit.label else ""
    value = readable_value(unit.value)
    spans = [_span(evidence)]
    spans += _naming_spans(evidence)
    about = _around_span(evidence)
    if about is not None:
        spans.append(about)
    text = f"{named}: {value}" if named else value
    if about is not None:
        text = f"{text}. {evidence.document.text[about.start : about.end]}"
    return Draft(_sentence_text(text), tuple(spans))


def _item(evidence: Evidence) -> Draft:
    """One item of a list, with the line that introduces the list where it gives the item its sense."""
    lead = _lead_span(evidence)
    if lead is None:
        return Draft(_sentence_text(evidence.text), (_span(evidence),))
    text = f"{evidence.document.text[lead.start : lead.end]} {evidence.text}"
    return Draft(_sentence_text(text), (lead, _span(evidence)))


def _row(evidence: Evidence) -> Draft:
    """A table row, each cell under its header: "Student group: EU/EEA; Tuition fee: 2,060 EUR"."""
    is_whole = evidence.unit.lead_in.count(" | ") == evidence.text.count(" | ")
    names = _naming_spans(evidence)
    if not names or not is_whole:
        return Draft(_sentence_text(evidence.text), (*names, _span(evidence)))
    part = (
        [evidence.unit.around] if any(_says(evidence, span, evidence.unit.around) for span in names) else []
    )
    cells = named_cells(evidence.unit, evidence.text)
    return Draft(_sentence_text("; ".join([*part, *cells])), (*names, _span(evidence)))


def _naming_spans(evidence: Evidence) -> list[Span]:
    """The rows of a table that name its columns and the part that a row or a cell of it is in."""
    unit = evidence.unit
    return [Span(unit.document_id, start, end, unit.headings) for start, end in unit.named_by]


def _says(evidence: Evidence, span: Span, text: str) -> bool:
    return bool(text) and evidence.document.text[span.start : span.end].startswith(text)


def _list(evidence: Evidence, language: str) -> Draft:
    """A whole list under its lead-in, one line for each item."""
    text = evidence.document.text
    items = "\n".join(f"- {text[start:end]}" for start, end in evidence.unit.parts)
    lead = _lead_span(evidence)
    if lead is None:
        return Draft(f"{wording(language)['framing']['list']}\n{items}", (_span(evidence),))
    said = f"{text[lead.start : lead.end]}\n{items}"
    whole = Span(evidence.unit.document_id, lead.start, evidence.unit.end, evidence.unit.headings)
    if whole.end - whole.start <= LONGEST_QUOTE:
        return Draft(said, (whole,))
    # Text stands between the items, as under sub-headings: each is quoted by itself.
    parts = (Span(whole.document_id, start, end, whole.headings) for start, end in evidence.unit.parts)
    return Draft(said, (lead, *parts))


def _lead_span(evidence: Evidence) -> Span | None:
    lead_in = evidence.unit.lead_in
    start = evidence.document.text.rfind(lead_in, 0, evidence.unit.start) if lead_in else -1
    if start < 0:
        return None
    return Span(evidence.unit.document_id, start, start + len(lead_in), evidence.unit.headings)


def _span(evidence: Evidence) -> Span:
    unit = evidence.unit
    return Span(unit.document_id, unit.start, unit.end, unit.headings)


def _yes_or_no(question: Question, best: Evidence) -> str | None:
    """ "yes" or "no" where the quote itself says so of all that was asked; None otherwise."""
    if question.kind is not QuestionKind.YES_NO or question.asks_for_a_verdict or best.uncovered:
        return None
    if best.coverage < YES_NO_COVERAGE or best.unit.kind in {UnitKind.LIST, UnitKind.ROW}:
        return None
    for asked, positive, negative in _FRAMES:
        if asked.search(focus(question.text)):
            if negative.search(best.text):
                return "no"
            return "yes" if positive.search(best.text) and not _RESTRICTED.search(best.text) else None
    return None


def _repeats(one: Evidence, other: Evidence) -> bool:
    same_place = one.unit.document_id == other.unit.document_id
    if same_place and one.unit.start < other.unit.end and other.unit.start < one.unit.end:
        return True
    return one.text.casefold() == other.text.casefold()


def _sentence_text(text: str) -> str:
    """``text`` on one line, opened by a capital and closed; a line that breaks off is shown to do so."""
    text = " ".join(text.split())
    text = text[:1].upper() + text[1:] if text[:1].islower() and text[:2].isalpha() else text
    if text.endswith((".", "!", "?", "…", "”")):
        return text
    if text.endswith(":") or re.search(r"\b(?:at|to|via|by|from|through|on|call|contact)$", text):
        return f"{text} …"
    return f"{text}."
