"""What README, CHANGELOG and the maps of the packages say must be complete, and true."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import api
import api.command_line
import assistant
import ingest
from api.app import create_app
from api.backend import LocalBackend
from api.service import Service
from api.settings import PREFIX, Settings
from assistant.evaluation.fixtures import load_fixtures
from assistant.reply import Outcome
from ingest.loaders import READERS, read_file
from ingest.sources import KEYS, read_sources

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

BLOCKS = [(found[1], found[2]) for found in re.finditer(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)]


def _commands(group: Any, prefix: str = "") -> dict[str, Any]:
    found = {}
    for name, command in group.commands.items():
        has_commands = hasattr(command, "commands")
        found |= _commands(command, f"{prefix}{name} ") if has_commands else {f"{prefix}{name}": command}
    return found


COMMANDS = _commands(get_command(api.command_line.app))
"""Every command by its name, those of a group with the group's name before it."""


def blocks(language: str) -> list[str]:
    return [content for found, content in BLOCKS if found == language]


def section(heading: str) -> str:
    """The text under a heading of level two, without its subsections' end."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", README, re.M | re.S)
    assert found is not None, f"README.md has no section {heading!r}"
    return found[1]


def rows(text: str) -> dict[str, list[str]]:
    """The rows of the tables in ``text``: first cell, without backticks, to the other cells."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| `"):
            found[cells[0].strip("`")] = cells[1:]
    return found


def name_of(requirement: str) -> str:
    match = re.match(r"[\w.-]+", requirement)
    assert match is not None
    return match[0]


# The two opening commands


def test_the_readme_opens_with_two_commands_of_one_line_each() -> None:
    opening = BLOCKS[:2]
    assert [language for language, _ in opening] == ["sh", "sh"]
    start, tests = (content.splitlines() for _, content in opening)
    assert len(start) == len(tests) == 1
    for (line,), end in ((start, "/prospectus serve"), (tests, "/pytest")):
        assert line.startswith("python3 -m venv ")
        assert line.endswith(end)


def test_continuous_integration_runs_these_two_lines() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for block, variable in zip(BLOCKS[:2], ("start_line", "test_line"), strict=True):
        assignment = next(line for line in script.splitlines() if line.startswith(f"{variable}="))
        found = subprocess.run(
            ["bash", "-c", f'root=$1; {assignment}; printf "%s\\n" "${variable}"', "bash", str(ROOT)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout == block[1]
        assert f'bash -c "${variable}"' in script


# Tables against what there is


def test_the_table_of_commands_is_complete_and_true() -> None:
    documented = {called(usage.removeprefix("prospectus ")): usage for usage in rows(section("Commands"))}
    assert set(documented) == set(COMMANDS)
    for name, usage in documented.items():
        wanted = {word.strip("[]") for word in usage.split() if word.strip("[]").startswith("--")}
        has = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        assert wanted <= has
        assert {option for option in has if option.startswith("--")} - {"--help"} <= wanted


def called(arguments: str) -> str:
    """The name of the command that these arguments call."""
    return next(name for name in COMMANDS if arguments.split()[: name.count(" ") + 1] == name.split())


def test_the_table_of_routes_is_complete_and_true() -> None:
    app = create_app(Service(LocalBackend(Settings())))
    served = {
        f"{method.upper()} {re.sub(r'{[a-z]+_id}', '{id}', path)}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    widget = {"GET /widget.js", "GET /widget.{hash}.js", "GET /widget/locales/{language}.json"}
    assert set(rows(section("HTTP API"))) == served | widget | {"GET /", "GET /docs"}


def test_the_table_of_settings_is_complete_and_gives_the_defaults() -> None:
    documented = rows(section("Settings"))
    assert set(documented) == {PREFIX + name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        shown = ",".join(field.default) if isinstance(field.default, tuple) else field.default
        default = "none" if shown in (None, "") else f"`{shown}`"
        assert documented[PREFIX + name.upper()][0] == default


@pytest.mark.parametrize(
    ("heading", "declared"),
    [
        ("Dependencies", PROJECT["dependencies"]),
        ("Tests and CI", PROJECT["optional-dependencies"]["test"]),
        ("Retrieval", PROJECT["optional-dependencies"]["benchmark"]),
    ],
)
def test_every_dependency_has_its_reason_and_no_other_is_named(heading: str, declared: list[str]) -> None:
    documented = rows(section(heading))
    assert set(documented) == {name_of(each) for each in declared}
    assert all(len(reason[0].split()) >= 3 for reason in documented.values())


def test_every_outcome_and_every_format_is_explained() -> None:
    assert set(rows(section("How answers are made and checked"))) == set(Outcome)
    for suffix in READERS:
        assert f"`{suffix}`" in section("Your own pages")


# Code blocks


@pytest.mark.parametrize("block", blocks("sh"))
def test_shell_blocks_parse_and_call_commands_that_there_are(block: str) -> None:
    subprocess.run(["bash", "-n"], input=block, text=True, check=True)
    for line in block.splitlines():
        found = re.search(r"(?:^|/| )prospectus (?P<arguments>[a-z][^#&|)]*)", line)
        if found:
            name = called(found["arguments"])
            arguments = shlex.split(found["arguments"])[name.count(" ") + 1 :]
            COMMANDS[name].make_parser(COMMANDS[name].context_class(COMMANDS[name])).parse_args(arguments)


def test_the_page_shown_as_an_example_is_read_as_it_says(tmp_path: Path) -> None:
    (markdown,) = blocks("markdown")
    json_lines, _ = blocks("json")
    page = tmp_path / "fees.md"
    page.write_text(markdown, encoding="utf-8")
    record = tmp_path / "fees.jsonl"
    record.write_text(json_lines, encoding="utf-8")
    for file in (page, record):
        (document,) = read_file(file, "fees")
        assert document.title == "Tuition fees"
        assert document.url == "https://www.example.edu/fees"
        assert document.publisher == "Example University"
        assert document.language == "en"
        assert str(document.modified_on) == "2026-09-01"
        assert "2,060 EUR" in document.text


def test_the_question_shown_as_an_example_is_a_fixture(tmp_path: Path) -> None:
    _, fixture = blocks("json")
    file = tmp_path / "questions.jsonl"
    file.write_text(fixture, encoding="utf-8")

    (question,) = load_fixtures(file)

    assert question.id == "fee-1"


def test_the_list_of_sources_shown_as_an_example_is_read_as_it_says(tmp_path: Path) -> None:
    (example,) = blocks("toml")
    file = tmp_path / "sources.toml"
    file.write_text(example, encoding="utf-8")

    crawl, sitemap, url, path = read_sources(file)

    assert [each.kind for each in (crawl, sitemap, url, path)] == ["crawl", "sitemap", "url", "path"]
    assert (crawl.rank, crawl.depth, crawl.pages, path.publisher) == (10, 4, 400, "Examination office")
    for key in KEYS:
        assert f"`{key}`" in section("Your own pages")


def test_only_languages_that_are_checked_are_used_in_code_blocks() -> None:
    # console: test_readme_commands.py; python: test_readme_clients.py and api/test_retriever.py;
    # html: the widget below; text: drawings and what python prints
    assert {language for language, _ in BLOCKS} <= {
        "console",
        "html",
        "json",
        "markdown",
        "python",
        "sh",
        "text",
        "toml",
    }


# The widget

WIDGET = (ROOT / "api" / "widget" / "widget.js").read_text(encoding="utf-8")


def test_the_attributes_and_events_of_the_widget_are_documented() -> None:
    declared = re.search(r"const ATTRIBUTES = \[(.*?)\];", WIDGET, re.S)
    assert declared is not None
    attributes = set(re.findall(r'"([a-z-]+)"', declared[1]))
    events = {f"prospectus:{name}" for name in re.findall(r'this\.#emit\("(\w+)"', WIDGET)}

    assert set(rows(section("The widget"))) == attributes | events
    assert {"lang", "page"} < attributes
    assert "prospectus:message" in events


def test_the_parts_and_properties_of_the_widget_are_there() -> None:
    looks = section("The widget").partition("### Looks\n")[2].partition("###")[0]
    properties = re.findall(r"`(--[a-z-]+)`", looks)
    parts = re.findall(r"`([a-z]+)`", looks)

    assert len(properties) == 6
    assert len(parts) == 21
    assert set(properties) == set(re.findall(r"--prospectus-[a-z-]+", WIDGET))
    for part in parts:
        assert f'"{part}"' in WIDGET


def test_the_lines_of_html_in_the_readme_use_what_the_widget_has() -> None:
    line, example = blocks("html")

    assert re.fullmatch(
        r'<script async src="https://assistant\.example\.edu/widget\.[0-9a-f]{12}\.js" '
        r'integrity="sha384-…" crossorigin="anonymous" data-lang="en"></script>\n',
        line,
    )
    for method in re.findall(r"\bchat\.(\w+)\(", example):
        assert re.search(rf"^    (?:async )?{method}\(", WIDGET, re.M)


# Places in the code


def test_every_file_that_the_readme_names_is_there() -> None:
    named = set(re.findall(r"`((?:ingest|assistant|api|tests|corpus|\.ci)/[\w./-]*)`", README))
    assert {name for name in named if not (ROOT / name).exists()} == set()
    assert len(named) > 5


def test_the_hops_name_functions_that_there_are() -> None:
    hops = re.findall(r"^\d+\. \*\*.+?\*\* (.+)$", section("Architecture"), re.M)
    assert 1 < len(hops) <= 6
    for hop in hops:
        places = re.findall(r"`([\w.]+)` in `([\w/]+\.py)`", hop)
        assert places
        for name, file in places:
            assert name in _definitions(ROOT / file)


def _definitions(file: Path) -> set[str]:
    found = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return found


@pytest.mark.parametrize("package", [ingest, assistant, api])
def test_the_map_of_a_package_names_every_module(package: Any) -> None:
    folder = ROOT / package.__name__
    mapped = set(re.findall(r"^    (\w+)/?  +\S", package.__doc__, re.M))
    there = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    folders = {
        each.name
        for each in folder.iterdir()
        if each.is_dir() and each.name not in {"__pycache__", "locales"}
    }
    assert mapped == there | folders


# Changes


def test_the_changelog_has_an_entry_for_this_version() -> None:
    newest = re.search(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", CHANGELOG, re.M | re.S)
    assert newest is not None
    assert newest[1] == "Unreleased" or newest[1].startswith(PROJECT["version"])
    assert re.search(r"^- \S", newest[2], re.M)
    assert PROJECT["version"] in CHANGELOG
