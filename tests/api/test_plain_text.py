from __future__ import annotations

from dataclasses import replace

from api_fakes import a_reply

from api.plain_text import hits_as_text, reply_as_text
from api.schemas import ChatReply, SearchReply
from api.service import Exchange


def test_escape_sequences_of_a_page_do_not_reach_the_terminal() -> None:
    reply = a_reply()
    hostile = replace(reply.citations[0], title="\x1b]0;owned\x07Fees", quote="18,690\x9b2J EUR\x08")
    shown = reply_as_text(
        ChatReply.of(Exchange("c", "m", "local"), replace(reply, text="\x1b[31mred", citations=(hostile,)))
    )

    assert not any(ord(character) < 32 and character != "\n" for character in shown)
    assert "\x9b" not in shown


def test_lines_are_wrapped_and_lists_keep_their_lines() -> None:
    reply = replace(a_reply(), text="You need:\n- a diploma\n- " + "very " * 30 + "good English")
    shown = reply_as_text(ChatReply.of(Exchange("c", "m", "local"), reply), width=60)

    assert shown.startswith("You need:\n- a diploma\n- very")
    assert all(len(line) <= 60 for line in shown.splitlines() if "://" not in line)


def test_a_source_of_several_pages_names_the_page() -> None:
    reply = a_reply()
    paged = replace(reply.citations[0], page=3)
    shown = reply_as_text(ChatReply.of(Exchange("c", "m", "local"), replace(reply, citations=(paged,))))

    assert f"  [{paged.number}] {paged.title} \u203a Fees, page 3\n" in shown
    assert ", page" not in reply_as_text(ChatReply.of(Exchange("c", "m", "local"), reply))


def test_no_hit_is_said() -> None:
    assert hits_as_text(SearchReply(hits=[])) == "No passage matches."
