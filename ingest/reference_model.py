"""An embedding model as sentence-transformers runs it: the reference, and the way for any that it loads."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .batches import by_length, most_characters
from .errors import EmbeddingModelError
from .packaged_model import DEFAULT_MODEL, PACKAGED_NAMES, PACKAGED_SHA256, check_weights, packaged_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Texts per call of the model.
BATCH_SIZE = 32


class SentenceTransformerEmbedder:
    """An Embedder on any ``model`` that sentence-transformers loads; runs in float32 on the CPU."""

    runtime = "sentence-transformers, float32"

    def __init__(self, model: SentenceTransformer, *, name: str, fingerprint: str, dimensions: int) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.dimensions = dimensions
        self.model = model
        # A fast tokenizer raises "Already borrowed" when two threads set its truncation at once.
        self._lock = threading.Lock()
        self._threads = _torch_threads()
        self._most_characters = most_characters(model.get_max_seq_length())

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return the vectors in the order of ``texts``; text past the model's longest input is not seen."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        # sentence-transformers sorts as well, but only within one call.
        for positions in by_length(texts):
            with self._lock:
                # One question is embedded sooner by one thread than by two that wait for each other, and the
                # other core is left to another reply: 28 and 34 replies a second by two workers, 24 and 26
                # with two threads (120 replies each time, 2 cores).
                _torch_threads(1 if len(texts) == 1 else self._threads)
                vectors[positions] = self.model.encode(
                    [texts[position][: self._most_characters] for position in positions],
                    batch_size=BATCH_SIZE,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
            if on_progress is not None:
                on_progress(len(positions))
        return vectors


def load_reference(name: str = DEFAULT_MODEL) -> SentenceTransformerEmbedder:
    """Return the embedder of that name: the packaged model, a folder, or a name on a model hub.

    The packaged model is read from its own files and never from a network. Another name is looked for in
    the local cache and then on the hub, unless HF_HUB_OFFLINE is set.

    Raises:
        EmbeddingModelError: the model cannot be loaded, or the packaged weights are not the known ones.
    """
    if name in PACKAGED_NAMES:
        folder = packaged_folder()
        check_weights(folder / "model.safetensors", PACKAGED_SHA256)
        model = _load(name, str(folder), may_download=False)
        return _embedder(model, name=DEFAULT_MODEL, fingerprint=PACKAGED_SHA256)
    model = _load(name, name, may_download=not Path(name).exists())
    return _embedder(model, name=name, fingerprint=_fingerprint(model))


def cached_folder(name: str) -> Path | None:
    """Return the folder of a model that is one or was downloaded by that name; asks no network."""
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download

    try:
        # As sentence-transformers reads a name without an owner.
        owned = name if "/" in name else f"sentence-transformers/{name}"
        return Path(snapshot_download(owned, local_files_only=True))
    except (OSError, ValueError):  # it is not there, or no such name can be
        return None


def _load(name: str, path: str, *, may_download: bool) -> SentenceTransformer:
    try:
        with _quiet():
            # Before OpenMP starts: its threads spin while they wait for one another, and on a busy machine a
            # reply then took 190 ms in the median instead of 46 (200 requests, 2 cores, November 2026).
            os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
            from sentence_transformers import SentenceTransformer

            def read(*, local_files_only: bool) -> SentenceTransformer:
                model = SentenceTransformer(path, device="cpu", local_files_only=local_files_only)
                return model.float().eval()

            try:
                return read(local_files_only=True)
            except OSError:
                # Asked first, the hub would be waited for over a minute on a machine without a network, even
                # where the model is in the cache.
                if not may_download:
                    raise
                return read(local_files_only=False)
    except Exception as error:
        # The library lets exceptions of many others through: no file, no network, wrong format.
        reason = next(filter(None, map(str.strip, str(error).splitlines())), type(error).__name__)
        raise EmbeddingModelError(
            f"The embedding model '{name}' cannot be loaded ({reason}). Set PROSPECTUS_EMBEDDING_MODEL to a "
            "folder that holds a sentence-transformers model, to a name that this machine can download, or "
            f"leave it unset for the packaged '{DEFAULT_MODEL}'."
        ) from error


def _torch_threads(count: int | None = None) -> int:
    """Set how many threads a computation takes, if ``count`` is given; return how many it takes now."""
    import torch

    if count is not None:
        torch.set_num_threads(count)
    return torch.get_num_threads()


def _embedder(model: SentenceTransformer, *, name: str, fingerprint: str) -> SentenceTransformerEmbedder:
    dimensions = model.get_embedding_dimension()
    if dimensions is None:
        raise EmbeddingModelError(
            f"The model '{name}' does not say how many dimensions its vectors have, so it is not one for "
            f"embedding texts. Leave PROSPECTUS_EMBEDDING_MODEL unset for the packaged '{DEFAULT_MODEL}'."
        )
    return SentenceTransformerEmbedder(model, name=name, fingerprint=fingerprint, dimensions=dimensions)


def _fingerprint(model: SentenceTransformer) -> str:
    """SHA-256 of the modules' configuration and of all weights, 0.7 s for a gigabyte.

    A name or a folder says too little: what stands there can be exchanged.
    """
    digest = hashlib.sha256(f"{model!r} {model.max_seq_length}".encode())
    for key, tensor in model.state_dict().items():
        digest.update(key.encode())
        digest.update(np.ascontiguousarray(tensor.numpy()).data)
    return digest.hexdigest()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' progress bars and retry notices from standard error: a failure is reported once."""
    from huggingface_hub.utils.tqdm import disable_progress_bars
    from transformers.utils import logging as transformers_logging

    disable_progress_bars()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    names = ("sentence_transformers", "transformers", "huggingface_hub")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
