"""The script as a file: what it weighs, and what it may not contain."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "api" / "widget" / "widget.js"


def test_it_weighs_at_most_20_kb_on_its_way() -> None:
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) <= 20_000


def test_it_makes_no_html_from_text_and_loads_no_other_script() -> None:
    forbidden = (
        r"\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function|setHTML|srcdoc|"
        r"createContextualFragment|DOMParser|\bimport\s*\(|^\s*(?:import|export)\b"
    )
    code = re.sub(r"(?<!:)//.*", "", SCRIPT.read_text("utf-8"))
    assert re.findall(forbidden, code, re.M) == []
