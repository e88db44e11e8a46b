"""Turns that are no question about studying here: small talk, and requests not served here."""

from __future__ import annotations

import re

_SMALL_TALK = {
    "greeting": re.compile(
        r"^(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|hello there|hi there|"
        r"how are you(?: doing)?(?: today)?)(?:[\s,!.?:)]+(?:there|all|everyone|"
        r"how are you(?: doing)?(?: today)?))*[\s!.?:)]*$",
        re.I,
    ),
    "thanks": re.compile(
        r"^(?:ok(?:ay)?[,.!\s]+|great[,.!\s]+|perfect[,.!\s]+|super[,.!\s]+)*(?:many thanks|"
        r"thanks?(?: you| u)?|thx|cheers|"
        r"much appreciated|great|perfect|awesome|cool|ok(?:ay)?|got it|i see)"
        r"(?:[\s,]+(?:so much|very much|a lot|for (?:the|your) (?:help|info|information|answer)|"
        r"that(?:'s| is| was) (?:helpful|great|all|clear)|"
        r"you|very helpful|i understand))*[\s!.:)]*$",
        re.I,
    ),
    "farewell": re.compile(
        r"^(?:thanks?[,\s]+)?(?:good ?)?(?:bye|see you(?: later)?|"
        r"have a (?:nice|good) (?:day|evening|weekend))[\s!.:)]*$",
        re.I,
    ),
    "who_are_you": re.compile(
        r"^(?:who|what) are you\b.{0,20}$|^are you (?:an? )?(?:ai|bot|robot|human|real person|person|"
        r"machine)\b.{0,30}$|"
        r"^what can (?:you do|i ask(?: you)?)\b.{0,20}$|^am i (?:talking|speaking|chatting) (?:to|"
        r"with) .{0,30}$",
        re.I,
    ),
}  # fmt: skip
_OUT_OF_SCOPE = (
    # instructions to the assistant rather than questions
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|prompt|rule|guideline|"
    r"previous|above|everything|policy|policies|polic)",
    r"\b(?:system|hidden|initial|secret) (?:prompt|instruction|message)s?\b|\bdeveloper mode\b|"
    r"\bjailbreak|\bdan mode\b|\bdo anything now\b",
    r"\b(?:you are|you're) now\b|\bpretend (?:to be|you|that)\b|\bact as (?:if|an?|my|the)\b|"
    r"\brole-?play\b|\bfrom now on\b",
    r"\b(?:repeat|say|print|output|write|reply|answer|respond)\b.{0,20}\b(?:after me|exactly|verbatim|"
    r"the following|only with|with the word)\b",
    r"\breveal\b.{0,30}\b(?:prompt|password|key|instruction|secret)|\bapi[ _-]?keys?\b",
    # other services
    r"\b(?:write|make|compose|generate|create|draft|code|program)\b.{0,30}\b(?:poem|song|story|joke|"
    r"essay|function|script|program|code|"
    r"haiku|limerick|python|java|sql|html|cover letter|motivation letter|letter for me|recipe)\b",
    r"\btell (?:me|us) a (?:joke|story)\b|\btranslate\b.{0,40}\b(?:into|to|this)\b|"
    r"\bsolve\b.{0,30}\b(?:equation|problem|x\b)|\bcapital of\b",
    r"\brecipe\b.{0,20}\bfor\b|\bhoroscope\b|\bbitcoin\b|\bstock price\b|\bworld cup\b|\bwho won\b|"
    r"\bprime minister of\b",
)
# Subjects of other services, and of courses: out of scope where the message speaks of no studies.
_OTHER_SUBJECTS = (
    r"\bweather\b|\bforecast\b|\bstock market\b|\bfootball\b|\brecipe\b|\bpresident of\b",
    # medical advice
    r"\b(?:i have|i've got|i feel|my \w+ (?:has|have|hurts?|is|are)) .{0,40}\b(?:pain|ache|headaches?|"
    r"fever|hurts?|symptoms?|lump|dizzy|nausea|swollen|rash|cancer|tumou?r)\b",
    r"\b(?:diagnose (?:me|my)|diagnosis for me|treat(?:ment)? (?:me|my)|what medicine|which medicine|"
    r"dose of|dosage|should i take .{0,20}(?:pill|medicine|ibuprofen|paracetamol|aspirin))\b",
    r"\b(?:is|read|interpret|look at)\b.{0,20}\bmy (?:x-?ray|mri|ct|scan|blood)\b",
)
_OUT, _OTHER = (
    re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.I | re.S)
    for patterns in (_OUT_OF_SCOPE, _OTHER_SUBJECTS)
)
_STUDIES = re.compile(
    r"\b(?:study|studies|studying|courses?|modules?|electives?|class(?:es)?|lectures?|degrees?|bachelor|"
    r"master|programmes?|thesis|"
    r"research|campus|university|apply|applicants?|application|internship|experience|field ?work|"
    r"students?)\b",
    re.I,
)
# What applicants do themselves is no service that they ask for: "How do I write my motivation letter?"
_THEIR_OWN_WORK = re.compile(
    r"\b(?:do|must|should|can|may|might|will|shall|could) (?:i|we|students|applicants|you have to|"
    r"you need to)(?: (?:have|need) to)?(?: know how to)? "
    r"(?:write|make|compose|create|draft|code|program|translate|ignore|disregard|forget|override|act)\b",
    re.I,
)


def small_talk(message: str) -> str | None:
    """The key of the friendly answer to a greeting, thanks or the like; None for anything that asks more."""
    return next((key for key, pattern in _SMALL_TALK.items() if pattern.match(message.strip())), None)


def is_out_of_scope(message: str) -> bool:
    """Whether a message asks for a service that is not ours: instructions, code, weather, medical advice."""
    asked = _THEIR_OWN_WORK.sub(" ", message)
    return bool(_OUT.search(asked) or (_OTHER.search(asked) and not _STUDIES.search(asked)))
