"""A list of messages as a question and what was asked before it, and the way from there to the reply.

The assistant's turns hold more than was said: what was searched, which page and section was cited, what was
listed. A list of messages has none of it, so the questions before are asked again, of the pages as they are
now. That takes as long as a reply for each, so only the last ones are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.conversation import InvalidQuestion, Turn, check_question, turn_of

from ..service import Exchange, Service
from ..streaming import ClientLeft
from .schemas import AskedPart, AssistantMessage, ChatMessage, TextPart, UserMessage

if TYPE_CHECKING:
    from assistant.reply import Reply

EARLIER = 6
"""Questions before the last that are asked again."""


@dataclass(frozen=True, slots=True)
class Said:
    """An earlier question and what the messages say was replied, "" for nothing."""

    question: str
    reply: str


@dataclass(frozen=True, slots=True)
class Talk:
    """The question, and what was said before it, oldest first."""

    question: str
    earlier: tuple[Said, ...] = ()


def talk_of(messages: Sequence[ChatMessage]) -> Talk:
    """What these messages ask.

    The last message of a user is the question, and what follows it is ignored. So are system and developer
    messages: an instruction is data here.

    Raises:
        InvalidQuestion: the question cannot be answered, or there is none.
    """
    said: list[Said] = []
    for message in messages:
        if isinstance(message, UserMessage):
            said.append(Said(text_of(message), ""))
        elif isinstance(message, AssistantMessage) and said:
            said[-1] = replace(said[-1], reply=f"{said[-1].reply}\n{text_of(message)}".strip())
    if not said:
        raise InvalidQuestion("The messages hold no question: none is from a user.")
    return Talk(check_question(said[-1].question), tuple(said[:-1]))


def text_of(message: ChatMessage) -> str:
    """The text of a message; its parts are joined by line breaks."""
    content = message.content
    if content is None or isinstance(content, str):
        return content or ""
    parts: Sequence[TextPart | AskedPart] = content
    return "\n".join(part.text for part in parts)


def reply_to(service: Service, talk: Talk, *, is_wanted: Callable[[], bool]) -> Reply:
    """The reply to the question of a talk; nothing of it is kept.

    Raises:
        NotReady: no index is open.
        ClientLeft: nobody waits for the reply any more.
    """
    history: list[Turn] = []
    for said in talk.earlier[-EARLIER:]:
        if not is_wanted():
            raise ClientLeft
        try:
            earlier = service.reply(Exchange.alone(tuple(history)), said.question)
        except InvalidQuestion:
            continue  # too long a question was refused when it was asked, but stays in the client's list
        turn = turn_of(said.question, earlier)
        history.append(replace(turn, reply_text=said.reply or turn.reply_text))
    return service.reply(Exchange.alone(tuple(history)), talk.question)
