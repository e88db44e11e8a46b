"""What office files say of themselves: title, date, language, as far as that is sensible."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from .plaintext import Page

# What programs put into the field for the title: their own names, names of files, nothing.
_NO_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel) ?-|untitled|unbenannt|sans titre|powerpoint\b|slide \d|"
    r"document\d*$|layout \d|print$)|"
    r"\.(?:docx?|pdf|pptx?|xlsx?|indd|tex|dvi|rtf|odt|pages|qxd|cdr|html?)\b|[\\/]|^\W*$",
    re.I,
)
_LONGEST = 200
# A title is on the page where it stands among the first words of it.
_BEGINNING = 3_000
# The formats are no older.
_FIRST_YEAR = 1990


@dataclass(frozen=True, slots=True)
class Properties:
    """Title, day and language (ISO 639) of a file; "" and None where it is silent."""

    title: str = ""
    modified_on: date | None = None
    language: str = ""


def sensible_title(stated: str, page: Page) -> str:
    """The title that a file states where the page shows it, else the page's own, else the stated one."""
    if _NO_TITLE.search(stated) or not re.search(r"[^\W\d_]{3}", stated) or len(stated) > _LONGEST:
        return page.title
    beginning = " ".join(page.text[:_BEGINNING].casefold().split())
    return stated if not page.title or stated.casefold() in beginning else page.title


def sensible_day(day: date | None) -> date | None:
    """The day, None where no file of today can have it."""
    return day if day is not None and day.year >= _FIRST_YEAR and day <= date.today() else None
