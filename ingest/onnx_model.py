"""An embedding model as ONNX Runtime runs it: without PyTorch, which takes seconds and gigabytes to load."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray
from tokenizers import Tokenizer

from .batches import by_length, most_characters
from .errors import EmbeddingModelError

# The files of a model, in a folder of its own; the weights lie apart so that they are mapped and not copied.
GRAPH = "model.onnx"
WEIGHTS = "model.weights"
TOKENIZER = "tokenizer.json"

INPUTS = ("input_ids", "attention_mask")

# Tokens, padding included, of one call of the model: more take memory and no less time.
_BATCH_TOKENS = 2048
_ERRORS_ONLY = 3


class OnnxEmbedder:
    """An Embedder on the files that ``onnx_export`` writes; runs in float32 on the CPU.

    All processors work on it, and none spins where it has to wait: a question takes 5.3 ms so on two of them,
    6.3 on one, and 3.9 where they spin, which takes them away from all others. ``longest`` is the longest
    input of the model in tokens.

    Raises:
        EmbeddingModelError: the files cannot be loaded.
    """

    runtime = "ONNX Runtime, float32"

    def __init__(
        self, folder: Path, *, name: str, fingerprint: str, dimensions: int, longest: int | None
    ) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.dimensions = dimensions
        self._longest = longest
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            if longest is not None:
                self._tokenizer.enable_truncation(longest)
            self._session = new_session(folder / GRAPH, threads=_processors())
        except Exception as error:
            # Both libraries raise bare exceptions of their own.
            raise EmbeddingModelError(
                f"ONNX Runtime cannot load '{name}' from {folder} ({error})."
            ) from error

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return the vectors in the order of ``texts``; text past the model's longest input is not seen."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        seen = most_characters(self._longest)
        for positions in by_length(texts):
            encoded = self._tokenizer.encode_batch_fast([texts[position][:seen] for position in positions])
            tokens = [np.array(each.ids, dtype=np.int64) for each in encoded]
            for batch in _batches(tokens):
                rows = [positions[each] for each in batch]
                vectors[rows] = self._session.run(None, _padded([tokens[each] for each in batch]))[0]
            if on_progress is not None:
                on_progress(len(positions))
        return vectors


def new_session(graph: Path, *, threads: int, optimized: Path | None = None) -> onnxruntime.InferenceSession:
    """Return a session on a graph; with ``optimized`` the graph is simplified first and written there.

    Raises:
        Exception: whatever ONNX Runtime has against the file.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while they wait take the processor from other replies.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_DISABLE_ALL
    if optimized is not None:
        # No further than what runs on every processor.
        options.graph_optimization_level = level.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(optimized)
        kept = "session.optimized_model_external_initializers"
        options.add_session_config_entry(f"{kept}_file_name", WEIGHTS)
        options.add_session_config_entry(f"{kept}_min_size_in_bytes", "1024")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _batches(tokens: Sequence[NDArray[np.int64]]) -> Iterator[list[int]]:
    """Positions in ``tokens``, those of like length together, of at most ``_BATCH_TOKENS`` with padding.

    At most half of a batch is padding: a short question must not wait for as long as a long one takes.
    """
    order = sorted(range(len(tokens)), key=lambda position: -len(tokens[position]))
    while order:
        # The first is the longest, and the others are padded to its length.
        longest = len(tokens[order[0]])
        like_it = sum(2 * len(tokens[position]) >= longest for position in order)
        count = max(1, min(like_it, _BATCH_TOKENS // max(1, longest)))
        yield order[:count]
        order = order[count:]


def _padded(tokens: Sequence[NDArray[np.int64]]) -> dict[str, NDArray[np.int64]]:
    shape = len(tokens), max(1, max(map(len, tokens)))
    ids, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for row, each in enumerate(tokens):
        ids[row, : len(each)] = each
        mask[row, : len(each)] = 1
    return dict(zip(INPUTS, (ids, mask), strict=True))
