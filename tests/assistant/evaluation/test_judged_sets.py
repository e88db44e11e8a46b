from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from assistant.evaluation.fixtures import BadInput
from assistant.evaluation.judged_sets import LeftOut, Text, load_judged_set

CORPUS = ['{"_id": "a", "title": "Fees", "text": "2,060 EUR"}', '{"_id": "b", "text": "24 months"}']
QUERIES = [
    '{"_id": "q1", "text": "What does it cost?"}',
    '{"_id": "q2", "text": "How long?", "metadata": {}}',
]
JUDGEMENTS = ["query-id\tcorpus-id\tscore", "q1\ta\t2", "q2\tb\t1"]


def write(
    folder: Path,
    *,
    corpus: list[str] = CORPUS,
    queries: list[str] = QUERIES,
    judgements: list[str] = JUDGEMENTS,
) -> Path:
    (folder / "qrels").mkdir()
    for name, lines in (
        ("corpus.jsonl", corpus),
        ("queries.jsonl", queries),
        ("qrels/test.tsv", judgements),
    ):
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def test_texts_queries_and_scores_are_read(tmp_path: Path) -> None:
    judged = load_judged_set(write(tmp_path))

    assert judged.texts == (Text("a", "Fees", "2,060 EUR"), Text("b", "", "24 months"))
    assert judged.queries == {"q1": "What does it cost?", "q2": "How long?"}
    assert judged.judgements == {"q1": {"a": 2}, "q2": {"b": 1}}
    assert judged.left_out == LeftOut(0, 0, 0)


def test_ids_that_are_numbers_windows_line_ends_a_byte_order_mark_and_blank_lines_are_read(
    tmp_path: Path,
) -> None:
    write(tmp_path)
    (tmp_path / "corpus.jsonl").write_bytes(
        b'\xef\xbb\xbf{"_id": 7, "title": null, "text": ""}\r\n\r\n{"_id": "b", "text": "x"}\r\n'
    )
    (tmp_path / "qrels" / "test.tsv").write_bytes(
        b"\xef\xbb\xbfquery-id\tcorpus-id\tscore\r\nq1\t7\t1\r\n\r\nq2\tb\t1.0\r\n"
    )

    judged = load_judged_set(tmp_path)

    assert judged.texts == (Text("7", "", ""), Text("b", "", "x"))
    assert judged.judgements == {"q1": {"7": 1}, "q2": {"b": 1}}


def test_judgements_of_what_is_not_there_and_queries_without_any_are_counted(tmp_path: Path) -> None:
    queries = [*QUERIES, *(json.dumps({"_id": key, "text": "And?"}) for key in ("q3", "q4", "q5"))]
    judgements = [*JUDGEMENTS, "q1\tgone\t1", "q3\tgone\t1", "q4\ta\t0", "q4\tb\t-1", "lost\ta\t1"]

    judged = load_judged_set(write(tmp_path, queries=queries, judgements=judgements))

    # q3 has an unknown text only, q4 none that answers it, q5 no judgement at all.
    assert list(judged.queries) == ["q1", "q2"]
    assert judged.judgements == {"q1": {"a": 2}, "q2": {"b": 1}}
    assert judged.left_out == LeftOut(unknown_texts=2, unknown_queries=1, unjudged=3)


def test_a_pair_that_is_judged_twice_alike_counts_once(tmp_path: Path) -> None:
    judged = load_judged_set(
        write(tmp_path, judgements=[*JUDGEMENTS, "q1\ta\t2", "q1\tgone\t1", "q1\tgone\t1"])
    )

    assert judged.judgements["q1"] == {"a": 2}
    assert judged.left_out.unknown_texts == 1


def test_a_limit_draws_the_same_queries_each_time_and_not_the_first_ones(tmp_path: Path) -> None:
    queries = [json.dumps({"_id": f"q{n}", "text": "What?"}) for n in range(100)]
    judgements = [JUDGEMENTS[0], *(f"q{n}\ta\t1" for n in range(100))]
    write(tmp_path, queries=queries, judgements=judgements)

    judged, again = load_judged_set(tmp_path, limit=10), load_judged_set(tmp_path, limit=10)

    drawn = [int(key.removeprefix("q")) for key in judged.queries]
    assert len(drawn) == 10
    assert drawn == sorted(drawn) != list(range(10))
    assert judged.queries == again.queries
    assert judged.judgements.keys() == judged.queries.keys()
    assert judged.left_out.not_drawn == 90


def test_a_limit_that_is_not_reached_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path)
    assert load_judged_set(tmp_path, limit=2) == load_judged_set(tmp_path)


def test_other_queries_are_named_by_path_or_within_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "set").mkdir()
    folder = write(tmp_path / "set")
    inside, outside = folder / "queries_de.jsonl", tmp_path / "mine.jsonl"
    inside.write_text('{"_id": "q1", "text": "Was kostet es?"}\n', encoding="utf-8")
    outside.write_text('{"_id": "q2", "text": "Quanto dura?"}\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert load_judged_set(folder, Path("queries_de.jsonl")).queries == {"q1": "Was kostet es?"}
    assert load_judged_set(folder, Path("mine.jsonl")).queries == {"q2": "Quanto dura?"}


def test_where_queries_jsonl_is_missing_the_others_are_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "queries.jsonl").rename(tmp_path / "queries_en.jsonl")

    with pytest.raises(
        BadInput, match=r"has no queries\.jsonl\. Name one of queries_en\.jsonl with --queries"
    ):
        load_judged_set(tmp_path)


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    write(tmp_path)
    (tmp_path / missing).unlink()

    with pytest.raises(BadInput, match=rf"{re.escape(str(tmp_path / missing))} cannot be read: No such file"):
        load_judged_set(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no folder .*nowhere"):
        load_judged_set(tmp_path / "nowhere")


@pytest.mark.parametrize("empty", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
@pytest.mark.parametrize("content", ["", "\n  \n"])
def test_an_empty_file_is_an_error(tmp_path: Path, empty: str, content: str) -> None:
    write(tmp_path)
    (tmp_path / empty).write_text(content, encoding="utf-8")

    with pytest.raises(BadInput, match=rf"{re.escape(empty)} is empty"):
        load_judged_set(tmp_path)


def test_a_set_without_a_judgement_above_zero_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, judgements=[JUDGEMENTS[0], "q1\ta\t0", "q2\tgone\t1"])

    with pytest.raises(BadInput, match="there is nothing to measure"):
        load_judged_set(tmp_path)


@pytest.mark.parametrize(
    ("name", "lines", "line", "said"),
    [
        ("corpus.jsonl", [CORPUS[0], "{"], 2, "this is not JSON"),
        ("corpus.jsonl", ["", "[]"], 2, "this is not a JSON object"),
        ("corpus.jsonl", ["[" * 100_000], 1, "this is not JSON that can be read"),
        ("corpus.jsonl", ["1" * 5_000], 1, "this is not JSON that can be read"),
        ("corpus.jsonl", ['{"text": "x"}'], 1, "the key '_id' is missing"),
        ("corpus.jsonl", ['{"_id": " ", "text": "x"}'], 1, "_id is empty"),
        ("corpus.jsonl", ['{"_id": true, "text": "x"}'], 1, "_id is not a text"),
        ("corpus.jsonl", ['{"_id": "a"}'], 1, "the key 'text' is missing"),
        ("corpus.jsonl", ['{"_id": "a", "text": 1}'], 1, "text is not a text"),
        ("corpus.jsonl", ['{"_id": "a", "title": [], "text": "x"}'], 1, "title is not a text"),
        ("corpus.jsonl", ['{"_id": "a", "text": "\\ud800"}'], 1, "text holds half a character"),
        ("corpus.jsonl", [CORPUS[0], CORPUS[1], CORPUS[0]], 3, "the id 'a' is taken by line 1"),
        ("queries.jsonl", [QUERIES[0], QUERIES[0]], 2, "the id 'q1' is taken by line 1"),
        ("queries.jsonl", ['{"_id": "q1", "text": " "}'], 1, "text is empty"),
        ("qrels/test.tsv", [JUDGEMENTS[0], "q1 a 1"], 2, "there are 1 columns"),
        ("qrels/test.tsv", [JUDGEMENTS[0], "q1\t0\ta\t1"], 2, "there are 4 columns"),
        ("qrels/test.tsv", [JUDGEMENTS[0], "q1\ta\tyes"], 2, "the score is 'yes'"),
        ("qrels/test.tsv", [JUDGEMENTS[0], "q1\ta\t0.5"], 2, "the score is '0.5'"),
        ("qrels/test.tsv", [JUDGEMENTS[0], "q1\ta\tnan"], 2, "the score is 'nan'"),
        ("qrels/test.tsv", [JUDGEMENTS[0], "q1\ta\tinf"], 2, "the score is 'inf'"),
        ("qrels/test.tsv", [JUDGEMENTS[0], "q1\ta\t"], 2, "the score is ''"),
        ("qrels/test.tsv", ["q1\ta\t1"], 1, "the header is missing"),
        ("qrels/test.tsv", [*JUDGEMENTS, "q1\ta\t1"], 4, "have another score in line 2"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_with_file_and_line(
    tmp_path: Path, name: str, lines: list[str], line: int, said: str
) -> None:
    write(tmp_path)
    (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(
        BadInput, match=rf"{re.escape(f'{tmp_path / name}, line {line}: ')}.*{re.escape(said)}"
    ):
        load_judged_set(tmp_path)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_bytes_that_are_not_utf_8_are_an_error_with_their_line(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    good = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(good + b"caf\xe9\n")
    line = good.count(b"\n") + 1

    with pytest.raises(BadInput, match=rf"{re.escape(name)}, line {line}: this is not UTF-8"):
        load_judged_set(tmp_path)
