from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ingest.embedding import Embedder, load_embedder
from ingest.errors import EmbeddingModelError
from ingest.packaged_model import PACKAGED_SHA256, check_weights, packaged_folder
from ingest.reference_model import load_reference

RUNTIMES = ("ONNX Runtime, float32", "sentence-transformers, float32")


@pytest.fixture(scope="module", params=RUNTIMES)
def model(request: pytest.FixtureRequest, minilm: Embedder) -> Embedder:
    """The packaged model as it is run where it is prepared, and where it is not."""
    return minilm if request.param == RUNTIMES[0] else load_reference()


def test_the_packaged_model_says_what_it_is(model: Embedder) -> None:
    assert (model.name, model.dimensions) == ("all-MiniLM-L6-v2", 384)
    assert model.fingerprint == PACKAGED_SHA256
    assert model.runtime in RUNTIMES


def test_vectors_have_length_one_and_stand_in_the_order_of_the_texts(model: Embedder) -> None:
    texts = ["fees", "a much longer text about the housing of students in the city", "", "rooms"] * 80
    vectors = model.embed(texts)
    assert vectors.shape == (320, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    alone = np.vstack([model.embed([text]) for text in texts[:4]])
    assert np.allclose(vectors[-4:], alone, atol=1e-5)


def test_meaning_is_what_brings_texts_together(model: Embedder) -> None:
    question, near, far = model.embed(
        ["How much does it cost?", "Tuition is 18,690 EUR per year.", "The library opens at nine."]
    )
    assert question @ near > question @ far


def test_progress_adds_up_to_the_number_of_texts(model: Embedder) -> None:
    steps: list[int] = []
    model.embed(["room"] * 300, on_progress=steps.append)
    assert len(steps) > 1
    assert sum(steps) == 300


def test_no_texts_give_no_vectors(model: Embedder) -> None:
    assert model.embed([]).shape == (0, 384)


def test_what_the_model_cannot_see_of_a_text_changes_nothing(model: Embedder) -> None:
    seen, more = model.embed(["fees and rooms " * 200, "fees and rooms " * 100_000])
    assert np.allclose(seen, more, atol=1e-5)


def test_several_threads_may_embed_at_once(model: Embedder) -> None:
    texts = [[f"room {n}", "a longer text " * n] for n in range(1, 25)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(model.embed, texts))
    for one, vectors in zip(texts, together, strict=True):
        assert np.allclose(vectors, model.embed(one), atol=1e-5)


def test_weights_that_are_not_the_known_ones_are_named(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"abc")
    # SHA-256 of "abc": FIPS 180-4, appendix B.1.
    found = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(EmbeddingModelError) as caught:
        check_weights(tmp_path / "model.safetensors", PACKAGED_SHA256)
    assert found in str(caught.value)
    assert PACKAGED_SHA256 in str(caught.value)


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingModelError, match=r"all-MiniLM-L6-v2.*cannot be read.*[Rr]einstall"):
        check_weights(tmp_path / "model.safetensors", PACKAGED_SHA256)


def test_a_folder_without_a_model_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingModelError) as caught:
        load_embedder(str(tmp_path))
    assert f"'{tmp_path}'" in str(caught.value)
    assert "PROSPECTUS_EMBEDDING_MODEL" in str(caught.value)


def test_a_folder_with_a_model_is_known_by_its_weights(tmp_path: Path, minilm: Embedder) -> None:
    shutil.copytree(packaged_folder(), tmp_path / "one")
    shutil.copytree(packaged_folder(), tmp_path / "two")
    weights = tmp_path / "two" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-3] ^= 1
    weights.write_bytes(content)
    one, two = load_embedder(str(tmp_path / "one")), load_embedder(str(tmp_path / "two"))
    assert one.name == str(tmp_path / "one")
    assert one.fingerprint == load_embedder(str(tmp_path / "one")).fingerprint
    assert one.fingerprint != two.fingerprint
    assert np.allclose(one.embed(["room"]), minilm.embed(["room"]), atol=1e-6)


def test_the_packaged_model_needs_no_network_and_prints_nothing() -> None:
    program = """
import socket, sys
def refuse(*args, **kwargs):
    raise SystemExit("the network was asked")
socket.socket.connect = socket.getaddrinfo = refuse
from ingest.embedding import load_embedder
assert "torch" not in sys.modules
load_embedder("sentence-transformers/all-MiniLM-L6-v2").embed(["fees"])
"""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
