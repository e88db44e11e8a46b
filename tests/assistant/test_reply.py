"""What a reply is made of."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from assistant.assistant import text_of
from assistant.grounding import Grounded
from assistant.reply import Citation, Notice, Outcome, Reply, Sentence, Support


def test_the_outcomes_are_those_of_the_contract() -> None:
    assert [outcome.value for outcome in Outcome] == [
        "answered",
        "not_stated",
        "not_found",
        "clarify",
        "out_of_scope",
        "small_talk",
    ]
    assert [support.value for support in Support] == ["quoted", "verified", "computed"]


def test_a_reply_cannot_be_changed_after_it_was_checked() -> None:
    reply = Reply(Outcome.ANSWERED, "q", "t", (), ())

    with pytest.raises(FrozenInstanceError):
        reply.text = "other"  # type: ignore[misc]
    assert not any(hasattr(each, "__dict__") for each in (reply, Sentence("s"), Notice("blank", "t")))


def test_a_reply_says_by_itself_that_no_model_wrote_it() -> None:
    reply = Reply(Outcome.ANSWERED, "q", "t", (), ())

    assert (reply.mode, reply.model, reply.language) == ("quoted", None, "en")
    assert {field.name for field in fields(Citation)} >= {"number", "quote", "start", "end", "deep_link"}


def test_the_text_is_all_sentences_with_their_marks_and_lists_on_lines_of_their_own() -> None:
    grounded = Grounded(
        (
            Sentence("The fee is 5 EUR.", (1,)),
            Sentence("You need:\n- a CV\n- a diploma", (2, 1)),
            Sentence("That is all."),
        ),
        (),
    )

    assert text_of(grounded) == "The fee is 5 EUR. [1]\nYou need: [2] [1]\n- a CV\n- a diploma\nThat is all."
    assert text_of(Grounded((), ())) == ""
