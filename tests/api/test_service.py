from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from api_fakes import FakeBackend, a_reply

from api.service import Exchange, NotReady, Service
from api.storage.conversations import Conversations
from api.storage.database import open_database
from api.storage.errors import UnknownConversation


def test_a_reply_becomes_a_turn_only_when_it_is_remembered(service: Service) -> None:
    exchange = service.start("ann")
    reply = service.reply(exchange, "Fee?")
    assert service.start("ann", exchange.conversation_id).history == ()

    service.remember(exchange, "Fee?", reply)

    (turn,) = service.start("ann", exchange.conversation_id).history
    assert (turn.question, turn.standalone, turn.reply_text) == ("Fee?", "Fee? (turn 1)", reply.text)


def test_a_message_outside_of_all_conversations_is_answered_after_its_history(
    service: Service, backend: FakeBackend
) -> None:
    exchange = service.start("ann")
    service.answer(exchange, "Fee?")
    history = service.start("ann", exchange.conversation_id).history

    assert service.reply(Exchange.alone(history), "And for me?").question == "And for me? (turn 2)"
    assert len(service.start("ann", exchange.conversation_id).history) == 1


def test_a_conversation_can_be_erased_while_its_first_reply_is_being_worked_on() -> None:
    gate = threading.Event()
    backend = FakeBackend(gate=gate)
    service = Service(backend)
    service.open()
    exchange = service.start("ann")
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(service.answer, exchange, "Fee?")
        backend.assistant.started.acquire()
        service.conversations.delete(exchange.conversation_id, "ann")
        gate.set()

        assert slow.result(10).text == a_reply().text
    with pytest.raises(UnknownConversation):
        service.conversations.export(exchange.conversation_id, "ann")
    service.close()


def test_a_reply_that_fails_is_no_turn(service: Service, backend: FakeBackend) -> None:
    exchange = service.start("ann")
    backend.assistant.failure = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        service.answer(exchange, "Fee?")

    assert service.start("ann", exchange.conversation_id).history == ()


def test_without_an_index_no_conversation_is_begun(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    service = Service(FakeBackend(published=None), conversations=Conversations(database))
    with pytest.raises(NotReady):
        service.start("ann")

    with database.reading() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM conversations").scalar() == 0
    service.close()
