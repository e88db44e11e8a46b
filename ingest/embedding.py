"""Texts into vectors: which embedder there is for a model, and who it is run by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .packaged_model import DEFAULT_MODEL, PACKAGED_DIMENSIONS, PACKAGED_NAMES, PACKAGED_SHA256
from .prepared_models import prepared_embedder
from .reference_model import load_reference


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their cosine similarity.

    ``fingerprint`` tells one set of weights from another: vectors of equal fingerprints may be compared.
    ``runtime`` says what computes them, and how precisely.
    """

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    @property
    def runtime(self) -> str: ...

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return a vector of length 1 for each text, shape (len(texts), dimensions), float32.

        ``on_progress`` is called with the number of texts done since its last call.
        """
        ...


class DeferredEmbedder:
    """The packaged model, loaded when the first text is to be embedded."""

    name = DEFAULT_MODEL
    fingerprint = PACKAGED_SHA256
    dimensions = PACKAGED_DIMENSIONS

    def __init__(self, load: Callable[[], Embedder]) -> None:
        self._load = load
        self._model: Embedder | None = None

    @property
    def runtime(self) -> str:
        """As of the model, which is loaded for it. Raises: EmbeddingModelError."""
        return self._loaded().runtime

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """As the model does. Raises: EmbeddingModelError."""
        return self._loaded().embed(texts, on_progress=on_progress)

    def _loaded(self) -> Embedder:
        if self._model is None:
            self._model = self._load()
        return self._model


def deferred_embedder(name: str, load: Callable[[], Embedder]) -> Embedder:
    """Return the embedder of that name, which ``load`` gives no sooner than it is used where that will do.

    Of the packaged model all is known before it is loaded; of another one nothing is.
    """
    return DeferredEmbedder(load) if name in PACKAGED_NAMES else load()


def load_embedder(name: str = DEFAULT_MODEL, data_dir: Path | None = None) -> Embedder:
    """Return the embedder of that name: the packaged model, a folder, or a name on a model hub.

    ONNX Runtime runs it where it is prepared in ``data_dir``, and sentence-transformers where it is not.

    Raises:
        EmbeddingModelError: as ``reference_model.load_reference``.
    """
    prepared = prepared_embedder(name, data_dir) if data_dir is not None else None
    return prepared or load_reference(name)
