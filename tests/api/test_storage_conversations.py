from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from api.storage.conversations import Conversations, FeedbackRecord, new_id
from api.storage.database import Database, memory_database
from api.storage.errors import ConversationFull, UnknownConversation, UnknownMessage
from api.storage.models import Message
from api.storage.rating import Rating
from assistant.conversation import Turn
from assistant.reply import Branch

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REPLY = {"text": "18,690 EUR", "citations": [{"quote": "学费 18,690 €"}]}


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def conversations(database: Database, clock: Clock) -> Conversations:
    return Conversations(database, keep_for=timedelta(days=30), max_turns=3, clock=clock)


def turn(number: int) -> Turn:
    return Turn(question=f"q{number}", standalone=f"s{number}", reply_text=f"r{number}")


def started(conversations: Conversations, owner: str = "ann", turns: int = 1) -> str:
    """The id of a conversation whose messages have the ids ``<owner>-<number>``."""
    conversation_id = conversations.begin(owner)
    for number in range(turns):
        conversations.add(conversation_id, owner, f"{owner}-{number}", turn(number), REPLY)
    return conversation_id


def test_turns_come_back_oldest_first_and_whole(conversations: Conversations) -> None:
    full = Turn(
        "q",
        "s",
        "r",
        topic="Fees",
        section="EU",
        choices=("a", "b"),
        language="nl",
        page="Glass, MSc",
        branches=(Branch("I am an EU/EEA student.", people="EU"), Branch("Glass, MSc", document="glass")),
    )
    conversation_id = conversations.begin("ann")
    conversations.add(conversation_id, "ann", "m1", full, REPLY)
    conversations.add(conversation_id, "ann", "m2", turn(2), REPLY)

    assert conversations.turns(conversation_id, "ann") == (full, turn(2))


def test_a_conversation_that_has_begun_has_no_turns(conversations: Conversations) -> None:
    assert conversations.turns(conversations.begin("ann"), "ann") == ()


def test_the_export_holds_all_that_was_said_and_thought(conversations: Conversations, clock: Clock) -> None:
    conversation_id = started(conversations, turns=2)
    clock.now = NOON + timedelta(hours=1)
    conversations.rate("ann-1", "ann", Rating.DOWN, "Which year?\nÜber alles 学")

    found = conversations.export(conversation_id, "ann")

    assert found.conversation_id == conversation_id
    assert found.created_at == NOON
    assert [(each.message_id, each.message, each.asked_at) for each in found.messages] == [
        ("ann-0", "q0", NOON),
        ("ann-1", "q1", NOON),
    ]
    assert [each.reply for each in found.messages] == [REPLY, REPLY]
    assert [each.feedback for each in found.messages] == [
        None,
        FeedbackRecord(Rating.DOWN, "Which year?\nÜber alles 学", NOON + timedelta(hours=1)),
    ]


@pytest.mark.parametrize("owner", ["bob", "", "ANN"])
def test_to_anyone_else_a_conversation_is_as_one_that_never_was(
    conversations: Conversations, owner: str
) -> None:
    conversation_id = started(conversations)
    for each in (conversation_id, "never-was"):
        with pytest.raises(UnknownConversation):
            conversations.turns(each, owner)
        with pytest.raises(UnknownConversation):
            conversations.export(each, owner)
        with pytest.raises(UnknownConversation):
            conversations.add(each, owner, new_id(), turn(1), REPLY)
        with pytest.raises(UnknownConversation):
            conversations.delete(each, owner)
    for message in ("ann-0", "never-was"):
        with pytest.raises(UnknownMessage):
            conversations.rate(message, owner, Rating.UP)

    (message,) = conversations.export(conversation_id, "ann").messages
    assert message.feedback is None


def test_an_administrator_reads_and_erases_what_is_anybodys(conversations: Conversations) -> None:
    conversation_id = started(conversations)

    assert len(conversations.export(conversation_id, None).messages) == 1
    conversations.delete(conversation_id, None)

    with pytest.raises(UnknownConversation):
        conversations.turns(conversation_id, "ann")


def test_a_full_conversation_takes_no_further_turn(conversations: Conversations) -> None:
    conversation_id = started(conversations, turns=2)
    assert len(conversations.turns(conversation_id, "ann")) == 2
    conversations.add(conversation_id, "ann", "last", turn(3), REPLY)

    with pytest.raises(ConversationFull, match=r"its 3 turns\. Leave out conversation_id"):
        conversations.turns(conversation_id, "ann")
    with pytest.raises(UnknownConversation):
        conversations.turns(conversation_id, "bob")


def test_the_last_rating_counts(conversations: Conversations) -> None:
    conversation_id = started(conversations)
    conversations.rate("ann-0", "ann", Rating.DOWN, "wrong")
    conversations.rate("ann-0", "ann", Rating.UP)

    (message,) = conversations.export(conversation_id, "ann").messages
    assert message.feedback == FeedbackRecord(Rating.UP, None, NOON)


def test_after_its_erasure_nothing_is_left_and_nothing_can_be_added(conversations: Conversations) -> None:
    conversation_id, other = started(conversations), started(conversations, "bob")
    conversations.rate("ann-0", "ann", Rating.UP, "thanks")
    conversations.delete(conversation_id, "ann")

    with pytest.raises(UnknownConversation):
        conversations.export(conversation_id, "ann")
    with pytest.raises(UnknownConversation):
        conversations.add(conversation_id, "ann", "late", turn(1), REPLY)
    with pytest.raises(UnknownConversation):
        conversations.delete(conversation_id, "ann")
    with pytest.raises(UnknownMessage):
        conversations.rate("ann-0", "ann", Rating.UP)
    assert len(conversations.turns(other, "bob")) == 1


def test_what_has_been_kept_for_its_time_is_gone_before_it_is_purged(
    conversations: Conversations, clock: Clock
) -> None:
    conversation_id = started(conversations)
    conversations.rate("ann-0", "ann", Rating.UP)
    clock.now = NOON + timedelta(days=30) - timedelta(seconds=1)
    assert len(conversations.turns(conversation_id, "ann")) == 1

    clock.now = NOON + timedelta(days=30)
    for use in (conversations.turns, conversations.export, conversations.delete):
        with pytest.raises(UnknownConversation):
            use(conversation_id, "ann")
    with pytest.raises(UnknownMessage):
        conversations.rate("ann-0", "ann", Rating.UP)


def test_a_long_conversation_loses_each_turn_when_its_time_is_over(
    conversations: Conversations, clock: Clock
) -> None:
    conversation_id = started(conversations)
    clock.now = NOON + timedelta(days=20)
    conversations.add(conversation_id, "ann", "later", turn(2), REPLY)
    clock.now = NOON + timedelta(days=30)

    assert conversations.turns(conversation_id, "ann") == (turn(2),)
    assert conversations.purge() == 1
    assert [each.message_id for each in conversations.export(conversation_id, "ann").messages] == ["later"]

    conversations.add(conversation_id, "ann", "latest", turn(3), REPLY)
    assert conversations.turns(conversation_id, "ann") == (turn(2), turn(3))


def test_a_purge_erases_what_is_old_and_nothing_else(conversations: Conversations, clock: Clock) -> None:
    old, empty = started(conversations, "ann", turns=2), conversations.begin("cai")
    conversations.rate("ann-0", "ann", Rating.UP, "thanks")
    clock.now = NOON + timedelta(seconds=1)
    young = started(conversations, "bob")

    assert conversations.purge(NOON) == 2
    assert conversations.purge(NOON) == 0

    for conversation_id, owner in ((old, "ann"), (empty, "cai")):
        with pytest.raises(UnknownConversation):
            conversations.turns(conversation_id, owner)
    assert len(conversations.turns(young, "bob")) == 1


def test_turns_that_are_added_at_the_same_time_are_all_kept(database: Database) -> None:
    conversations = Conversations(database)
    conversation_id = conversations.begin("ann")

    def add(number: int) -> None:
        conversations.add(conversation_id, "ann", f"m{number}", turn(number), REPLY)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(20)))

    assert {each.question for each in conversations.turns(conversation_id, "ann")} == {
        f"q{number}" for number in range(20)
    }


def test_a_turn_that_cannot_be_written_leaves_the_conversation_as_it_was(
    conversations: Conversations, clock: Clock
) -> None:
    conversation_id = started(conversations)
    clock.now = NOON + timedelta(days=1)
    with pytest.raises(IntegrityError):
        conversations.add(conversation_id, "ann", "ann-0", turn(2), REPLY)

    assert conversations.turns(conversation_id, "ann") == (turn(0),)
    clock.now = NOON + timedelta(days=30)
    with pytest.raises(UnknownConversation):  # the day after did not count as a use
        conversations.turns(conversation_id, "ann")


@pytest.mark.parametrize(
    "stored",
    [
        {"question": "q", "standalone": "s", "reply_text": "r"},
        {"question": "q", "standalone": "s", "reply_text": "r", "choices": [], "mood": "new in version 9"},
    ],
)
def test_a_turn_of_an_older_or_a_newer_version_is_read(
    database: Database, conversations: Conversations, stored: dict[str, Any]
) -> None:
    conversation_id = started(conversations)
    with database.writing() as session:
        session.execute(update(Message).values(turn=stored))

    assert conversations.turns(conversation_id, "ann") == (Turn("q", "s", "r"),)


def test_in_memory_the_same_holds_across_threads() -> None:
    conversations = Conversations(memory_database())
    conversation_id = conversations.begin("ann")

    def add(number: int) -> None:
        conversations.add(conversation_id, "ann", f"m{number}", turn(number), REPLY)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(20)))
    conversations.rate("m3", "ann", Rating.UP)
    assert len(conversations.turns(conversation_id, "ann")) == 20

    conversations.delete(conversation_id, "ann")
    with pytest.raises(UnknownMessage):  # the messages went with the conversation
        conversations.rate("m3", "ann", Rating.UP)
    conversations.close()


def test_ids_are_long_and_never_the_same() -> None:
    ids = {new_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert {len(each) for each in ids} == {22}
