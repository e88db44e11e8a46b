from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from api_fakes import FakeBackend
from numpy.typing import NDArray
from typer.testing import CliRunner, Result

import api.command_line
from ingest.embedding import Embedder

TEXTS = {
    "car": "She bought a car.",
    "cat": "A small cat sleeps on the sofa.",
    "ferry": "Tickets for the ferry XQ-17 are sold on board.",
}
QUERIES = {"q1": "automobile", "q2": "XQ-17", "q3": "Who knows?"}
JUDGEMENTS = "query-id\tcorpus-id\tscore\nq1\tcar\t1\nq2\tferry\t1\nq2\tgone\t1\nq9\tcar\t1\n"


class Counting:
    """An embedder that remembers what it was asked for."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.fingerprint, self.dimensions = (
            embedder.name,
            embedder.fingerprint,
            embedder.dimensions,
        )
        self.runtime = embedder.runtime
        self.texts: list[str] = []
        self._embedder = embedder

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.texts += texts
        return self._embedder.embed(texts, on_progress=on_progress)


@dataclass
class Embedding(FakeBackend):
    """A backend of which only the embedding model is asked for."""

    counting: Counting = field(kw_only=True)

    def embedder(self) -> Counting:  # type: ignore[override]
        return self.counting


@pytest.fixture
def backend(minilm: Embedder) -> Embedding:
    return Embedding(counting=Counting(minilm))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small/qrels").mkdir(parents=True)
    for name, texts in (("corpus", TEXTS), ("queries", QUERIES)):
        lines = [json.dumps({"_id": key, "text": text}) for key, text in texts.items()]
        Path(f"small/{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    Path("small/qrels/test.tsv").write_text(JUDGEMENTS, encoding="utf-8")


def run(backend: Embedding, *arguments: str) -> Result:
    return CliRunner().invoke(
        api.command_line.app,
        ["evaluate-retrieval", *arguments],
        obj=lambda settings: backend,
        catch_exceptions=False,
        prog_name="prospectus",
    )


def test_four_rankings_are_measured_in_one_plain_table(backend: Embedding) -> None:
    result = run(backend, "small")

    assert result.exit_code == 0
    assert result.stderr == ""
    assert "\x1b" not in result.stdout
    lines = result.stdout.splitlines()
    assert lines[0] == "small, queries.jsonl: 2 queries, 3 passages, 95 % intervals"
    assert lines[1].split() == ["ranking", "nDCG@10", "recall@5", "recall@100", "MRR"]
    rows = {line.split("  ")[0]: line for line in lines[2:6]}
    assert list(rows) == ["dense", "lexical", "reciprocal rank fusion", "ours"]
    # No word of "automobile" is in any text, so lexical search is right on one query of two.
    assert re.findall(r"\d\.\d+ \[.*?\]", rows["lexical"]) == ["0.500 [0.000, 1.000]"] * 4
    assert re.findall(r"\d\.\d+ \[.*?\]", rows["ours"]) == ["1.000 [1.000, 1.000]"] * 4
    assert re.search(r"^nDCG@10, dense +\+0\.000 \[\+0\.000, \+0\.000\] +0 +2 +0$", result.stdout, re.M)
    assert result.stdout.endswith(
        "Left out\n  1 query that no passage answers\n  1 judgement of unknown passages\n"
        "  1 judgement of unknown queries\n"
    )


def test_the_json_file_has_means_differences_and_the_values_of_each_query(backend: Embedding) -> None:
    assert run(backend, "small", "--json", "out.json").exit_code == 0

    found = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert found["systems"]["lexical"]["MRR"] == {"value": 0.5, "low": 0.0, "high": 1.0}
    assert found["per_query"]["q1"]["lexical"]["recall@5"] == 0.0
    assert found["per_query"]["q2"]["lexical"]["recall@5"] == 1.0
    assert found["left_out"] == {"unknown_texts": 1, "unknown_queries": 1, "unjudged": 1, "not_drawn": 0}
    assert {(each["metric"], each["other"]) for each in found["differences"]} >= {("nDCG@10", "dense")}
    assert (found["queries"], found["passages"]) == (2, 3)


def test_the_index_is_kept_in_the_data_directory_and_its_texts_are_embedded_once(backend: Embedding) -> None:
    first = run(backend, "small")
    assert "\nA small cat sleeps on the sofa." in backend.counting.texts
    backend.counting.texts.clear()

    again = run(backend, "small/")

    assert again.stdout == first.stdout
    assert backend.counting.texts == ["automobile", "XQ-17"]
    assert len(list(Path(".prospectus/judged-sets").glob("small-*/index/current"))) == 1
    assert not Path(".prospectus/index").exists()


def test_a_text_that_changed_is_embedded_anew_and_no_other(backend: Embedding) -> None:
    run(backend, "small")
    backend.counting.texts.clear()
    corpus = Path("small/corpus.jsonl")
    corpus.write_text(corpus.read_text(encoding="utf-8").replace("small cat", "large cat"), encoding="utf-8")

    assert run(backend, "small").exit_code == 0

    # Once to be indexed, and once more with all others to check the new index.
    assert backend.counting.texts.count("\nA large cat sleeps on the sofa.") == 2
    assert backend.counting.texts.count("\nShe bought a car.") == 1


def test_other_queries_and_a_limit(backend: Embedding) -> None:
    Path("small/queries_de.jsonl").write_text('{"_id": "q1", "text": "Auto, car"}', encoding="utf-8")

    result = run(backend, "small", "--queries", "queries_de.jsonl")
    assert result.stdout.startswith("small, queries_de.jsonl: 1 query, 3 passages")
    assert re.search(r"^lexical +1\.000 +1\.000 +1\.000 +1\.000$", result.stdout, re.M)

    result = run(backend, "small", "--limit", "1")
    assert result.stdout.startswith("small, queries.jsonl: 1 query, 3 passages")
    assert "  1 query beyond the limit\n" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "error: There is no folder nowhere."),
        (["small", "--queries", "other.jsonl"], "error: small/other.jsonl cannot be read: No such file"),
        (["small", "--json", "nowhere/out.json"], "error: nowhere/out.json cannot be written"),
    ],
)
def test_wrong_usage_ends_with_status_2_and_before_the_model_is_loaded(
    backend: Embedding, arguments: list[str], said: str
) -> None:
    result = run(backend, *arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(said)
    assert backend.counting.texts == []


def test_a_malformed_line_ends_with_status_2_and_is_named(backend: Embedding) -> None:
    with Path("small/corpus.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"_id": "dog"}\n')

    result = run(backend, "small")

    assert result.exit_code == 2
    assert result.stderr == "error: small/corpus.jsonl, line 4: the key 'text' is missing.\n"


def test_a_limit_below_one_is_refused(backend: Embedding) -> None:
    assert run(backend, "small", "--limit", "0").exit_code == 2
