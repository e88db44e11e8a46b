"""Language models that follow a script: one that says what the evidence says, one that lies about it.

Both read the numbered evidence of a prompt and answer as they are asked to, so that everything between a
question and a reply is the real thing but for the model.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mutations import changes_of
from support_cases import Case, Cited, Kind

from assistant.language_model import Completion, Deadline, Prompt, Usage

_LINE = re.compile(r"^\[(?P<number>\d+)\] (?P<text>.+)$", re.M)
_QUESTION = re.compile(r"^Question: (?P<text>.+)$", re.M)
_LABELLED = re.compile(r"^(?P<label>[A-Z][^:.|]{2,40}): (?P<value>[^|]+)$")
_WORD = re.compile(r"[^\W_]{3,}")
# As people shorten what pages spell out.
_SHORTER = (("cannot", "can't"), ("is not", "isn't"), ("are not", "aren't"), ("do not", "don't"))
# Pieces of evidence that an answer rests on.
_MOST = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a scripted model, and the numbers of the evidence that it named."""

    text: str
    evidence: tuple[int, ...]


@dataclass
class HonestModel:
    """Says the evidence that shares most words with the question, a little reworded; remembers all it said.

    What it is asked for beside an answer, it gives back as it came; other languages than English it leaves
    alone.
    """

    name: str = "scripted:honest"
    said: list[Said] = field(default_factory=list)

    def complete(self, prompt: Prompt, deadline: Deadline) -> Completion:
        if prompt.schema is None:
            return self._answering(prompt, prompt.user.splitlines()[-1].split(": ")[-1])
        if "english" in json.dumps(prompt.schema):
            return self._answering(prompt, '{"sentences": []}')
        question = _QUESTION.search(prompt.user)
        wanted = _words(question["text"] if question else "")
        evidence = [
            (int(line["number"]), _without_place(line["text"])) for line in _LINE.finditer(prompt.user)
        ]
        nearest = sorted(evidence, key=lambda each: (-len(wanted & _words(each[1])), each[0]))[:_MOST]
        said = self._say(question["text"] if question else "", sorted(nearest))
        self.said += said
        sentences = [{"text": each.text, "evidence": list(each.evidence)} for each in said]
        return self._answering(prompt, json.dumps({"sentences": sentences}, ensure_ascii=False))

    def _say(self, question: str, evidence: Sequence[tuple[int, str]]) -> list[Said]:
        return [Said(reworded(text), (number,)) for number, text in evidence]

    def _answering(self, prompt: Prompt, text: str) -> Completion:
        # Some four letters are a token.
        return Completion(text, Usage((len(prompt.system) + len(prompt.user)) // 4, len(text) // 4))


@dataclass
class LyingModel(HonestModel):
    """Says the same with one change in each sentence that makes it false, or names other evidence for it.

    Which change is drawn with a seed and the sentence, so that the same question gets the same lies.
    """

    name: str = "scripted:lying"
    seed: int = 8

    def _say(self, question: str, evidence: Sequence[tuple[int, str]]) -> list[Said]:
        lies: list[Said] = []
        for number, text in evidence:
            honest = Case(
                "", Kind.PARAPHRASE, question, reworded(text), (Cited("", "", text, None),), is_honest=True
            )
            dice = random.Random(f"{self.seed} {text}")  # noqa: S311 - no secret
            changed = changes_of(honest, dice)
            if changed:
                lies.append(Said(dice.choice(changed).sentence, (number,)))
        return lies


def reworded(evidence: str) -> str:
    """Evidence as a sentence: "Duration: 24 months" becomes "The duration is 24 months."."""
    labelled = _LABELLED.match(evidence)
    if labelled is not None:
        label = labelled["label"]
        text = f"The {label if label.isupper() else label[0].lower() + label[1:]} is {labelled['value']}"
    else:
        text = evidence
    for long, short in _SHORTER:
        text = text.replace(long, short)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _without_place(line: str) -> str:
    """The evidence of a line without the brackets behind it, which say where it stands."""
    if not line.endswith(")"):
        return line
    depth = 0
    for at in range(len(line) - 1, -1, -1):
        depth += (line[at] == ")") - (line[at] == "(")
        if depth == 0:
            return line[:at].strip() or line
    return line


def _words(text: str) -> set[str]:
    return {word.casefold()[:5] for word in _WORD.findall(text)}
