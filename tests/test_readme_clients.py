"""The README's programs that speak to a server: each is run as it stands, on the shipped corpus."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_server import Running, running

from api import capacity
from api.app import create_app
from api.backend import LocalBackend
from api.openai.errors import REFUSED
from api.openai.messages import EARLIER
from api.openai.schemas import CompletionRequest
from api.service import Service
from api.settings import Settings
from api.streaming import PING_SECONDS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```python\n(.*?)^```$(?:\s+It prints:\s+^```text\n(.*?)^```$)?", re.M | re.S)
USUAL_ADDRESS = "http://127.0.0.1:8000"
PROGRAMS = [(found[1], found[2]) for found in BLOCK.finditer(README) if USUAL_ADDRESS in found[1]]


@pytest.fixture(scope="module")
def site(corpus_data: Path) -> Iterator[Running]:
    service = Service(LocalBackend(Settings(data_dir=corpus_data)))
    service.open()
    with running(create_app(service)) as site:
        yield site


def test_there_are_programs() -> None:
    assert len(PROGRAMS) == 2


@pytest.mark.parametrize(("program", "output"), PROGRAMS, ids=["openai", "langchain"])
def test_a_program_of_the_readme_runs_and_prints_what_it_says(
    site: Running, program: str, output: str | None
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", program.replace(USUAL_ADDRESS, site.url)],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    if output is not None:
        assert ran.stdout == output
    assert "Duration: 24 months. [1]" in ran.stdout


def test_each_parameter_is_named_where_it_belongs() -> None:
    used, taken, refused = (
        set(re.findall(r"`([a-z_]+)`", line))
        for line in re.findall(r"^- (?:Used|Taken|Refused)\b.*$", README, re.M)
    )
    assert used == {"model", "messages", "stream", "stream_options", "include_usage"}
    assert refused == set(REFUSED)
    assert taken == set(CompletionRequest.model_fields) - used - refused


def test_the_figures_of_streams_and_conversations_are_those_of_the_code() -> None:
    assert (capacity.AT_ONCE, EARLIER) == (6, 6)
    for said in (
        "Six replies are worked on at a time",
        f"embedded together, and {capacity.WAITING} may wait.",
        f"A reply that is not there within {capacity.REPLY_SECONDS:.0f} seconds is given up",
        f"whatever is not done after {capacity.GRACE_SECONDS:.0f} seconds",
        f"a comment comes every {PING_SECONDS:.0f} seconds",
        "up to six questions before it are asked again",
    ):
        assert said in README
