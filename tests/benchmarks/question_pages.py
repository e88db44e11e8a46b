"""Which pages the question files in tests/questions are asked of."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUESTIONS = ROOT / "tests" / "questions"
SHARED_PAGES = "PROSPECTUS_SHARED/pages"
# Pages of several universities, listed for each question file in universities.toml.
UNIVERSITIES = "PROSPECTUS_SHARED/data"


def sources(questions: str, pages: str, shared: Path) -> list[Path]:
    """Return the files and folders to ingest for a file of questions; ``pages`` is a folder of the project,
    SHARED_PAGES or UNIVERSITIES, both of which lie in ``shared``."""
    if pages == UNIVERSITIES:
        listed = tomllib.loads((QUESTIONS / "universities.toml").read_text(encoding="utf-8"))
        return [shared / "data" / name for name in listed[questions]]
    return [shared / "pages" if pages == SHARED_PAGES else ROOT / pages]
