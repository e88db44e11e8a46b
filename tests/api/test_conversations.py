from __future__ import annotations

import pytest

from api.conversations import Conversations, UnknownConversation, new_id
from assistant.conversation import Turn


def turn(number: int) -> Turn:
    return Turn(question=f"q{number}", standalone=f"q{number}", reply_text=f"r{number}")


def test_turns_come_back_oldest_first() -> None:
    conversations = Conversations()
    conversations.add("a", turn(1))
    conversations.add("b", turn(2))
    conversations.add("a", turn(3))

    assert conversations.turns("a") == (turn(1), turn(3))


def test_a_long_conversation_forgets_its_first_turns() -> None:
    conversations = Conversations(turns=2)
    for number in range(4):
        conversations.add("a", turn(number))

    assert conversations.turns("a") == (turn(2), turn(3))


def test_the_conversation_used_longest_ago_is_forgotten_first() -> None:
    conversations = Conversations(most=2)
    conversations.add("a", turn(1))
    conversations.add("b", turn(2))
    conversations.turns("a")
    conversations.add("c", turn(3))

    assert conversations.turns("a") == (turn(1),)
    with pytest.raises(UnknownConversation):
        conversations.turns("b")


def test_ids_are_long_and_never_the_same() -> None:
    ids = {new_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert {len(each) for each in ids} == {22}
