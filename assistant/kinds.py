"""The shape of answer that a question calls for, told by its words."""

from __future__ import annotations

import re
from enum import StrEnum

from ingest.values import ValueKind, kinds_of
from ingest.words import stem, words

from .lexicon import Concept
from .terms import STOP_STEMS

_VERDICT = re.compile(
    # what one's own application will come to
    r"\bam i in\b|\b(?:i|we)(?:['’]d| would| will|['’]ll| could| can) (?:\w+ )?get (?:a |an? )?(?:spot|"
    r"place|seat|offer|in\b)|"
    r"\b(?:likely|likelihood|probab\w+|odds|prospects?) (?:\w+ ){0,6}(?:admi\w+|accept\w+|get in|offer|"
    r"me|i)\b|"
    r"\b(?:have|stand|got) (?:a |any )?(?:shot|chance|hope)\b|"
    r"\b(?:will|would|can|could|do|does) (?:you|they|the (?:university|department|committee|school|office))"
    r"(?: let| take| accept| admit| reject| refuse| want| consider| choose| pick| select| promise| guarantee)"
    r" (?:me(?! to\b)|people like me|someone like me|somebody like me|my (?:application|profile))\b|"
    r"\bsay yes to me\b|"
    r"\b(?:will|would|could|can) (?:my application|someone like me|somebody like me|a person like me|"
    r"my profile)\b|"
    r"\b(?:rate|evaluate|assess|judge|review|check) my (?:profile|chances?|application|grades?|cv|case)\b|"
    r"\bam i (?:\w+ )?(?:an? )?(?:good fit|strong|competitive|suitable|likely|good enough|a candidate)\b|"
    r"\b(?:is|are) my (?:\w+ ){1,3}(?:suitable|strong|good|high|enough|ok|okay|sufficient|competitive|"
    r"too (?:low|weak|bad))\b|"
    r"\bdoes my (?:\w+ ){1,3}qualify\b|"
    r"\b(?:would|will|does|do|is) (?:an? |my )?(?:\w+ )?(?:\d[\d.,]*)(?: \w+)? (?:do|suffice|cut it|"
    r"be enough|enough|ok|okay|"
    r"good enough|be sufficient)\b|\b(?:gpa|grades?|score|average) (?:\w+ )?(?:too low|not high enough)\b|"
    r"\bworth (?:applying|an application|it to apply)\b|\bbother applying\b|"
    r"\b(?:have|was|were|been) i (?:been )?(?:accepted|admitted|selected|rejected)\b|"
    r"\btell me (?:if|whether) i (?:will|am|would|get)\b|\bany chance of being\b|"
    r"\b(?:will|would|do|can|could|am|are) (?:i|we|my \w+|they)\b.{0,40}?\b(?:be (?:admitted|accepted|"
    r"rejected|selected)|"
    r"get (?:in(?! \w)|in (?:with|if|to|there)|into|admitted|accepted|admission|a place)|qualify|"
    r"eligible|good enough|"
    r"have a (?:good )?chance|"
    r"stand a chance|make it)\b|\b(?:my )?(?:chances?|odds|likelihood)\b|^(?:is|are) (?:my|a|"
    r"an) .{0,40}\b(?:enough|sufficient)\b"
    r"|\bam i (?:eligible|qualified|admitted|accepted)\b|\bguarantee (?:me|my|that i)\b",
    re.I,
)
_AUXILIARY = re.compile(
    r"^(?:is|are|was|were|can|could|do|does|did|will|would|may|must|should|shall|has|have|am|isn't|"
    r"aren't|don't|doesn't|can't)\b",
    re.I,
)
_DURATION = re.compile(
    r"\bhow (?:long|many (?:years?|months?|weeks?|days?|semesters?|terms?|hours?)|much time)\b|"
    r"\b(?:duration|length)\b",
    re.I,
)
_PERIODICAL = re.compile(r"\bhow long (?:in advance|before)\b", re.I)
_COUNT = re.compile(r"\b(?:how many|(?<!phone )(?<!one )number of|how much)\s+(?P<rest>[^?.!]{2,80})", re.I)
_DATE = re.compile(
    r"^(?:by |until |from |since )?when\b|\bwhen (?:is|are|do|does|can|should|must|will)\b|\b(?:what|"
    r"which|exact) (?:dates?|day|month)\b|\b(?:last|latest|final|due|cut-?off) (?:day|date)\b|"
    r"\bdeadlines?\b|\bclosing date\b|\bstart(?:ing)? dates?\b|\bby when\b|\buntil when\b|\bwhen\W*$",
    re.I,
)
_AMOUNT = re.compile(
    r"\bhow (?:much|expensive|pricey)\b|"
    r"\bwhat (?:does|do|would|will) .{0,40}\b(?:cost|pay|charge|add up|come to|amount to|total)\b|"
    r"\bhow high (?:is|are)\b|"
    r"\bwhat(?:['’]s| is| are) the .{0,30}\b(?:fees?|costs?|price|tuition|amount|expenses|deposit|stipend|"
    r"salary|rent)\b|"
    r"\b(?:fees?|tuition|costs?|price|rent)\b(?=[^a-z]*$|\s+(?:for|per|in|at|of|a)\b)",
    re.I,
)
_SUM = re.compile(
    r"\bhow (?:much|high|expensive)\b|\bworth\b|\bamounts?\b|\bin (?:us )?(?:dollars|euros?|pounds)\b|"
    r"\bwhat(?:['’]s| is) the (?:\w+ )?(?:stipend|salary)\b",
    re.I,
)
_ABOUT_A_SUM = re.compile(
    r"\b(?:(?:includ|cover|contain|consist|mean|exempt|website|discount|instal)\w*|(?:who(?:m|se)?|why)\b)",
    re.I,
)
_LENGTH_OF_A_TEXT = re.compile(
    r"\bhow long (?:should|must|does|do|can|may|is|are|has|have)\b(?:(?!\btake\b)[^.?!]){0,25}?"
    r"\b(?:essays?|letters?|statements?|cv|r[eé]sum[eé]s?|summary|abstract|proposal|(?:motivation|cover|reference)s?)\b",
    re.I,
)
_SHARE = re.compile(r"\b(?:what|which) (?:\w+ )?percentage\b|\bhow many per ?cent\b", re.I)
_HOW = re.compile(
    r"\bhow (?:do|does|can|could|should|would|must|may|to|is|are|will|did)\b|\b(?:steps|procedure|process)\b",
    re.I,
)
_LIST = re.compile(
    r"^(?:which|what)(?: (?!is\b|are\b|was\b|does\b|has\b)\w+){0,3} (?!is\b|does\b|was\b|has\b|"
    r"this\b)(?:\w+s|people|criteria|curricula)\b|\bwhat are\b|\b(?:list|name|"
    r"enumerate)(?: of)?(?: all)?(?: the)?\b|"
    r"\bwhich (?:ones|of)\b|\bwhat (?:kind|type|sort)s? of\b|\bwhich\b",
    re.I,
)
# A message of a few words: "courses in data science", "sections radiology".
_NAMES_SEVERAL = re.compile(
    r"^\W*(?:please |pls )?(?:all |the |which |what )?(?:[a-z]+ )?(?:courses|modules|subjects|electives|"
    r"scholarships|"
    r"grants|loans|documents|papers|requirements|tests|certificates|criteria|sections|departments|tracks|"
    r"specialisations|specializations|topics|steps)\b(?!.*\b(?:is|are|do|does|can|how|when|who|much|many)\b)",
    re.I,
)
_WHO = re.compile(
    r"^(?:to |with |from |by )?(?:who|whom)\b|\b(?:who|whom) (?:do|can|should|is|are|will|to|does|offers|"
    r"runs)\b",
    re.I,
)
_WHERE = re.compile(
    r"^(?:from |to |at |in )*where\b|^(?:at|in|to) (?:which|what) (?:university|hospital|school|faculty|"
    r"institution|town|country)\b|\bwhere (?:is|are|do|does|can|will|would|should)\b|\b(?:which|"
    r"what) (?:city|"
    r"place|campus)\b",
    re.I,
)
_DEFINITION = re.compile(
    r"^what(?:'s| is| does| are) (?:an? |the )?[\w\s&-]{2,50}?(?: mean| stand for| about)?\??$", re.I
)


class QuestionKind(StrEnum):
    """The shape of answer that a question calls for."""

    AMOUNT = "amount"
    DATE = "date"
    DURATION = "duration"
    COUNT = "count"
    VALUE = "value"
    """A score, an e-mail address, a telephone number: ``Question.expects`` says which."""
    YES_NO = "yes_no"
    LIST = "list"
    HOW = "how"
    WHO = "who"
    WHERE = "where"
    DEFINITION = "definition"
    OPEN = "open"


def is_verdict(text: str) -> bool:
    """Whether ``text`` wants to know how an application of one's own will end."""
    return bool(_VERDICT.search(text))


def asks_for_words(text: str) -> bool:
    """Whether ``text`` asks how long something written has to be: in words or pages, not in weeks."""
    return bool(_LENGTH_OF_A_TEXT.search(text))


def asks_for_a_share(text: str) -> bool:
    """Whether ``text`` asks how many per cent."""
    return bool(_SHARE.search(text))


def kind_of(text: str, concepts: list[Concept]) -> QuestionKind:
    """The first rule that fits; the order is that of how sure each sign is."""
    expected = {concept.expects for concept in concepts}
    yes_no = bool(_AUXILIARY.match(text)) and " or " not in text
    if asks_for_words(text):
        return QuestionKind.COUNT
    if _DURATION.search(text) and not _PERIODICAL.search(text) and not yes_no:
        return QuestionKind.DURATION
    if yes_no:
        return QuestionKind.YES_NO
    count = _COUNT.search(text)
    if count and not (ValueKind.AMOUNT in expected and "how much" in text.lower()):
        if re.match(r"how much\b", count.group(0), re.I) and not counted_in(text):
            return QuestionKind.AMOUNT
        return (
            QuestionKind.AMOUNT
            if re.match(r"how much (?:is|are|do|does|will|would|money)\b", count.group(0), re.I)
            else QuestionKind.COUNT
        )
    if _DATE.search(text):
        return QuestionKind.DATE
    about_a_sum = bool(_ABOUT_A_SUM.search(text)) and not _SUM.search(text)
    if _AMOUNT.search(text) and (ValueKind.AMOUNT in expected or _SUM.search(text)) and not about_a_sum:
        return QuestionKind.AMOUNT
    if _HOW.search(text):
        return QuestionKind.HOW
    if expected & {ValueKind.EMAIL, ValueKind.PHONE}:
        return QuestionKind.VALUE
    if (ValueKind.NUMBER in expected and not _LIST.search(text)) or asks_for_a_share(text):
        return QuestionKind.VALUE
    if (
        re.search(r"\b(?:what|which)\b.*\b(?:minimum|min|score|gpa|band|percentage|grade)\b", text, re.I)
        and ValueKind.NUMBER in expected
    ):
        return QuestionKind.VALUE
    if _NAMES_SEVERAL.match(text):
        return QuestionKind.LIST
    if _WHO.search(text):
        return QuestionKind.WHO
    if _WHERE.search(text):
        return QuestionKind.WHERE
    if _LIST.search(text):
        return QuestionKind.LIST
    if ValueKind.AMOUNT in expected and not about_a_sum:
        return QuestionKind.AMOUNT
    if _DEFINITION.match(text):
        return QuestionKind.DEFINITION
    return QuestionKind.OPEN


def kind_of_claim(text: str, concepts: list[Concept]) -> QuestionKind | None:
    """The kind of the value that a yes/no question puts forward itself, None where it names none."""
    expected = {concept.expects for concept in concepts}
    stated = kinds_of(text)
    if ValueKind.AMOUNT in stated and not _VERDICT.search(text):
        return QuestionKind.AMOUNT
    if ValueKind.DATE in stated and ValueKind.DATE in expected:
        return QuestionKind.DATE
    if ValueKind.DURATION in stated and ValueKind.DURATION in expected:
        return QuestionKind.DURATION
    scored = ValueKind.NUMBER in expected or any(concept.is_name for concept in concepts)
    if re.search(r"(?<![A-Za-z])\d", text) and scored and not _VERDICT.search(text):
        return QuestionKind.VALUE
    return None


def counted_in(text: str) -> tuple[str, ...]:
    """The stems of what is counted: "how many radiology sections are there" counts radiology sections."""
    found = _COUNT.search(text)
    if not found:
        return ()
    counted: list[str] = []
    for word in words(found["rest"]):
        root = stem(word)
        if root in STOP_STEMS:
            break
        counted.append(root)
    return tuple(counted)
