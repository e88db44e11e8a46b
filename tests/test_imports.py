"""Who imports what: the packages one another, each foreign library where it belongs, and what is declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("ingest", "assistant", "api")
"""Each may import itself and those before it."""

ANYWHERE = {
    "numpy": "its arrays are the type in which vectors flow from one part to the next",
}

SEVERAL = {
    ("api", "alembic"): (
        {
            "storage/migrating.py",
            "storage/migrations/env.py",
            "storage/migrations/versions/0001_conversations.py",
            "storage/migrations/versions/0002_api_keys.py",
            "storage/migrations/versions/0003_token_use.py",
        },
        "one starts the migrations, the others are they",
    ),
    ("api", "sqlalchemy"): (
        {
            "storage/conversations.py",
            "storage/database.py",
            "storage/keys.py",
            "storage/migrating.py",
            "storage/migrations/versions/0001_conversations.py",
            "storage/migrations/versions/0002_api_keys.py",
            "storage/migrations/versions/0003_token_use.py",
            "storage/models.py",
            "storage/token_use.py",
        },
        "all of them speak to the database, and nothing outside of the folder does",
    ),
    ("api", "typer"): (
        {"command_line.py", "index_commands.py", "keys_command.py", "terminal.py"},
        "the commands are in three groups, and share how they end and what they say",
    ),
    ("api", "anyio"): (
        {"app.py", "dependencies.py", "retention.py"},
        "the limit on threads is made in one and used in the others; two of them have tasks of their own",
    ),
    ("api", "fastapi"): (
        {
            "app.py",
            "callers.py",
            "dependencies.py",
            "door.py",
            "middlewares.py",
            "openai/routes.py",
            "openapi.py",
            "packaged_files.py",
            "problems.py",
            "routes.py",
            "routes_conversations.py",
            "routes_health.py",
            "routes_sessions.py",
            "streaming.py",
            "strict_json.py",
        },
        "the HTTP edge: routes, what they depend on, and how they answer",
    ),
    ("api", "pydantic"): (
        {"openai/schemas.py", "problems.py", "retriever.py", "schemas.py", "settings.py", "streaming.py"},
        "each declares the JSON or the settings of its own edge; a LangChain retriever is a pydantic model",
    ),
    ("api", "starlette"): (
        {
            "access.py",
            "connections.py",
            "cors.py",
            "middlewares.py",
            "problems.py",
            "request_ids.py",
            "security_headers.py",
        },
        "what FastAPI does not export: headers, errors and the types of middlewares",
    ),
    ("api", "uvicorn"): (
        {"connections.py", "server.py"},
        "one is its protocol and its settings, the other how it stops",
    ),
    ("ingest", "filelock"): (
        {"generations.py", "web_copies.py"},
        "one writes indexes, the other copies of pages, and each lets one process do so at a time",
    ),
    ("ingest", "lxml"): (
        {"content.py", "html.py", "links.py", "markup.py"},
        "one parses, one prunes the tree, one has the words of its elements and one says where it leads",
    ),
    ("ingest", "torch"): (
        {"onnx_export.py", "reference_model.py"},
        "one exports a model, the other runs it, and only the second may be needed to answer",
    ),
    ("ingest", "Stemmer"): (
        {"lexical.py", "words.py"},
        "bm25s takes a stemmer for whole texts, the evidence stems single words",
    ),
}
"""(package, library): the only files of the package that may import it, and why one is not enough."""

NOT_IMPORTED = {
    "onnx": "torch.onnx writes its files",
    "onnxscript": "torch.onnx translates with it",
}
"""Distributions that are declared and that no file imports, with the reason."""

OF_AN_EXTRA = {
    ("assistant/bounded_client.py", "httpx2"): "openai",
}
"""(file, distribution): the extra that brings what the file imports; nothing imports that file at start."""


class Import(NamedTuple):
    package: str
    file: Path
    line: int
    module: str
    level: int

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} {'.' * self.level}{self.module}"


def _imports() -> Iterator[Import]:
    for package in LAYERS:
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    for alias in node.names:
                        yield Import(package, file, node.lineno, alias.name, 0)
                elif isinstance(node, ast.ImportFrom):
                    yield Import(package, file, node.lineno, node.module or "", node.level)


IMPORTS = list(_imports())
FOREIGN = [
    each
    for each in IMPORTS
    if each.level == 0 and each.top not in sys.stdlib_module_names and each.top not in LAYERS
]


def _canonical(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _named(requirements: Iterable[str]) -> set[str]:
    return {_canonical(re.match(r"[\w.-]+", each)[0]) for each in requirements}


def _declared() -> set[str]:
    return _named(PROJECT["dependencies"])


def test_there_are_imports_to_judge() -> None:
    assert {each.package for each in IMPORTS} == set(LAYERS)
    assert {"chromadb", "fastapi", "sentence_transformers"} <= {each.top for each in FOREIGN}


def test_the_packages_import_downwards_only() -> None:
    upwards = [
        str(each)
        for each in IMPORTS
        if each.level == 0 and each.top in LAYERS and LAYERS.index(each.top) > LAYERS.index(each.package)
    ]
    assert upwards == []


def test_imports_are_relative_inside_a_package_and_absolute_across() -> None:
    own_name = [str(each) for each in IMPORTS if each.level == 0 and each.top == each.package]
    outside = [
        str(each)
        for each in IMPORTS
        if each.level >= len(each.file.relative_to(ROOT).parts)  # above the package's own folder
    ]
    assert own_name == []
    assert outside == []


def test_each_foreign_library_is_imported_in_one_file_of_a_package() -> None:
    places: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for each in FOREIGN:
        places[each.package, each.top].add(each.file.relative_to(ROOT / each.package).as_posix())
    spread = {
        place: files
        for place, files in places.items()
        if len(files) > 1 and place[1] not in ANYWHERE and files != SEVERAL.get(place, (set(), ""))[0]
    }
    assert spread == {}


@pytest.mark.parametrize(("package", "library"), SEVERAL)
def test_every_exception_is_still_needed(package: str, library: str) -> None:
    files, reason = SEVERAL[package, library]
    found = {
        each.file.relative_to(ROOT / package).as_posix()
        for each in FOREIGN
        if (each.package, each.top) == (package, library)
    }
    assert found == files
    assert reason


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    distributions = packages_distributions()
    imported: defaultdict[str, list[str]] = defaultdict(list)
    for each in FOREIGN:
        if (each.file.relative_to(ROOT).as_posix(), each.top) in OF_AN_EXTRA:
            continue
        owners = sorted({_canonical(name) for name in distributions.get(each.top, [each.top])})
        imported[" or ".join(owners)].append(str(each))
    undeclared = {name: places for name, places in imported.items() if name not in _declared()}
    assert undeclared == {}
    assert _declared() - set(imported) == set(NOT_IMPORTED)


@pytest.mark.parametrize(("file", "distribution"), OF_AN_EXTRA)
def test_what_an_extra_brings_is_imported_by_nothing_that_starts_without_it(
    file: str, distribution: str
) -> None:
    assert distribution in _named(PROJECT["optional-dependencies"][OF_AN_EXTRA[file, distribution]])
    assert distribution not in _declared()
    module = Path(file).stem
    importing = [each for each in IMPORTS if each.module.rpartition(".")[2] == module]
    assert importing
    for each in importing:
        tree = ast.parse(each.file.read_text(encoding="utf-8"))
        assert each.line not in {node.lineno for node in tree.body}, f"{each} runs at import"
