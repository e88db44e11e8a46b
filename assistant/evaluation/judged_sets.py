"""Judged sets: passages, queries, and which passages answer which query, as BEIR writes them.

    FOLDER/corpus.jsonl      {"_id", "title"?, "text"} a line; what is retrieved, already cut
    FOLDER/queries.jsonl     {"_id", "text"} a line; other keys are ignored
    FOLDER/qrels/test.tsv    query-id, corpus-id and score, separated by tabs, under a header

A score above 0 says that the passage answers the query, and how well; one of 0 or below, that it does not.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .fixtures import BadInput, read_text

CORPUS = "corpus.jsonl"
QUERIES = "queries.jsonl"
JUDGEMENTS = "qrels/test.tsv"
# Draws the queries of a sample: the same ones each time.
SAMPLE_SEED = 4


@dataclass(frozen=True, slots=True)
class Text:
    """A passage that is judged as a whole; ``title`` is "" where it has none."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How much of a set's files is not measured, and why.

    ``unknown_texts`` and ``unknown_queries`` are judgements with an id that no file has. ``unjudged`` are
    queries for which no passage that is there is said to be an answer, ``not_drawn`` those beyond the limit.
    """

    unknown_texts: int
    unknown_queries: int
    unjudged: int
    not_drawn: int = 0


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A set as it is measured: every query has a judgement, and every judgement's text is there.

    ``queries`` are texts by id, ``judgements`` scores above 0 by the ids of query and text.
    """

    folder: Path
    queries_file: Path
    texts: tuple[Text, ...]
    queries: Mapping[str, str]
    judgements: Mapping[str, Mapping[str, int]]
    left_out: LeftOut


def load_judged_set(folder: Path, queries_file: Path | None = None, *, limit: int | None = None) -> JudgedSet:
    """Return the set in ``folder``, with other queries than its own if ``queries_file`` names them.

    ``queries_file`` is a path, or a name within the folder. With a ``limit`` that many queries are drawn, the
    same ones each time, and stay in the order of the file.

    Raises:
        BadInput: a file is missing or empty, a line is not what it should be, or no query is judged; names
            file and line.
    """
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}. Name one that holds {_PARTS}.")
    queries_file = _queries_file(folder, queries_file)
    texts = _texts(folder / CORPUS)
    queries = _queries(queries_file)
    judgements, unknown_texts, unknown_queries = _judgements(
        folder / JUDGEMENTS, queries.keys(), {text.id for text in texts}
    )
    judged = {key: text for key, text in queries.items() if key in judgements}
    if not judged:
        raise BadInput(
            f"{folder / JUDGEMENTS} has no score above 0 for a query of {queries_file} and a text of "
            f"{folder / CORPUS}: there is nothing to measure. Name the queries that it was made for."
        )
    found = JudgedSet(
        folder=folder,
        queries_file=queries_file,
        texts=texts,
        queries=judged,
        judgements={key: judgements[key] for key in judged},
        left_out=LeftOut(unknown_texts, unknown_queries, unjudged=len(queries) - len(judged)),
    )
    return found if limit is None or limit >= len(judged) else _drawn(found, limit)


_PARTS = f"{CORPUS}, {QUERIES} and {JUDGEMENTS}"


def _drawn(judged: JudgedSet, limit: int) -> JudgedSet:
    # Not the first ones: sets are often sorted by text or by topic.
    drawn = set(random.Random(SAMPLE_SEED).sample(list(judged.queries), limit))  # noqa: S311 (no secret)
    return replace(
        judged,
        queries={key: text for key, text in judged.queries.items() if key in drawn},
        judgements={key: scores for key, scores in judged.judgements.items() if key in drawn},
        left_out=replace(judged.left_out, not_drawn=len(judged.queries) - limit),
    )


def _queries_file(folder: Path, named: Path | None) -> Path:
    if named is not None:
        return named if named.exists() else folder / named
    if not (folder / QUERIES).exists():
        others = sorted(path.name for path in folder.glob("queries*.jsonl"))
        if others:
            raise BadInput(f"{folder} has no {QUERIES}. Name one of {', '.join(others)} with --queries.")
    return folder / QUERIES


def _texts(path: Path) -> tuple[Text, ...]:
    found = {}
    for where, key, record in _records(path):
        title = record.get("title")
        found[key] = Text(
            key,
            "" if title is None else _text(where, "title", title),
            _text(where, "text", record.get("text")),
        )
    return tuple(found.values())


def _queries(path: Path) -> dict[str, str]:
    found = {}
    for where, key, record in _records(path):
        found[key] = _text(where, "text", record.get("text"))
        if not found[key].strip():
            raise BadInput(f"{where}: text is empty, but must be a query.")
    return found


def _records(path: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield place, id and record of each line; blank ones are skipped, and no id comes twice."""
    lines: dict[str, int] = {}
    for number, line in _lines(path):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadInput(f"{where}: this is not JSON ({error.msg} at column {error.colno}).") from None
        except (RecursionError, ValueError):
            raise BadInput(f"{where}: this is not JSON that can be read.") from None
        if not isinstance(record, dict):
            raise BadInput(f"{where}: this is not a JSON object, but must be one with _id and text.")
        key = _id(where, record.get("_id"))
        if key in lines:
            raise BadInput(f"{where}: the id {key!r} is taken by line {lines[key]}; ids are unique.")
        lines[key] = number
        yield where, key, record
    if not lines:
        raise BadInput(f"{path} is empty. It must hold one JSON object a line, with _id and text.")


def _judgements(
    path: Path, queries: Collection[str], texts: Collection[str]
) -> tuple[dict[str, dict[str, int]], int, int]:
    """Return the scores above 0, and how many lines name a text or a query that is not there."""
    found: dict[str, dict[str, int]] = {}
    first: dict[tuple[str, str], tuple[int, int]] = {}
    unknown_texts = unknown_queries = 0
    for number, line in _lines(path):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        query, text, score = _judgement(where, line, is_header=not first and number == 1)
        if score is None:
            continue
        if first.setdefault((query, text), (score, number))[0] != score:
            raise BadInput(
                f"{where}: query {query!r} and text {text!r} have another score in line "
                f"{first[query, text][1]}; a pair is judged once."
            )
        if first[query, text][1] != number:
            continue
        if query not in queries:
            unknown_queries += 1
        elif text not in texts:
            unknown_texts += 1
        elif score > 0:
            found.setdefault(query, {})[text] = score
    if not first:
        raise BadInput(f"{path} is empty. It must hold query-id, corpus-id and score a line, under a header.")
    return found, unknown_texts, unknown_queries


def _judgement(where: str, line: str, *, is_header: bool) -> tuple[str, str, int | None]:
    """Return query, text and score of a line; the score is None for a header."""
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) != 3:
        raise BadInput(
            f"{where}: there are {len(cells)} columns, but must be 3, separated by tabs: "
            "query-id, corpus-id and score."
        )
    query, text, score = cells
    try:
        value = int(score) if score.lstrip("+-").isdecimal() else float(score)
    except ValueError:
        if is_header:
            return query, text, None
        raise BadInput(f"{where}: the score is {score!r}, but must be a whole number.") from None
    if is_header:
        raise BadInput(f"{where}: the header is missing: query-id, corpus-id and score.")
    if value != value or value in (float("inf"), float("-inf")) or value != int(value):
        raise BadInput(f"{where}: the score is {score!r}, but must be a whole number.")
    return query, text, int(value)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    yield from enumerate(read_text(path, f"A set has {_PARTS}.").split("\n"), start=1)


def _id(where: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    key = _text(where, "_id", value)
    if not key.strip():
        raise BadInput(f"{where}: _id is empty, but must be a text.")
    return key


def _text(where: str, name: str, value: object) -> str:
    if value is None:
        raise BadInput(f"{where}: the key '{name}' is missing.")
    if not isinstance(value, str):
        raise BadInput(f"{where}: {name} is not a text, but must be one.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadInput(f"{where}: {name} holds half a character (a lone surrogate).") from None
    return value
