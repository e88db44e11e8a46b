from __future__ import annotations

import io

import pytest

from assistant.evaluation.tables import Lines, Table, as_text, show

TABLE = Table("Title", ("name", "n"), (("fee", "7"), ("living costs", "12")))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_text_aligns_words_left_and_figures_right() -> None:
    assert as_text([TABLE, Lines("Failing", ("a: wrong",))]) == (
        "Title\nname           n\nfee            7\nliving costs  12\n\nFailing\n  a: wrong\n"
    )


def test_no_lines_are_not_shown() -> None:
    assert as_text([Lines("Failing", ())]) == ""


def test_what_is_not_a_terminal_gets_plain_text() -> None:
    out = io.StringIO()
    show([TABLE], out)

    assert out.getvalue() == as_text([TABLE])


def test_a_terminal_gets_a_drawn_table_with_the_same_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    show([TABLE, Lines("Failing", ("a " * 100 + "[bold]end[/bold]",))], out)

    assert "living costs" in out.getvalue()
    assert "│" in out.getvalue()
    assert "a a [bold]end[/bold]" in out.getvalue()


@pytest.mark.parametrize("out", [io.StringIO(), Terminal()])
def test_control_characters_of_pages_do_not_reach_the_terminal(out: io.StringIO) -> None:
    show(
        [Lines("Failing", ("\x1b[31mred\x9b2J\r\nnext",)), Table("T", ("a", "b"), (("\x1b]0;x\x07", "1"),))],
        out,
    )

    assert not {"\x1b]", "\x9b", "\r", "\x07", "\x1b[31m"} & {
        part for part in ("\x1b]", "\x9b", "\r", "\x07", "\x1b[31m") if part in out.getvalue()
    }
    assert "red 2J next" in out.getvalue()
