"""A model of sentence-transformers into files that ONNX Runtime runs, compared with the model they are from.

Run as a program (``python -m ingest.onnx_export NAME FOLDER``) it writes them to an existing folder, in a
process of its own, as PyTorch's exporter takes a gigabyte and says much. It ends with 0, with 1 after one
line on standard error where the model cannot be exported, and with 2 where it cannot be loaded.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .errors import EmbeddingModelError, IngestError
from .onnx_model import GRAPH, INPUTS, TOKENIZER, OnnxEmbedder, new_session
from .prepared_models import Prepared, seal, source_of, versions
from .reference_model import SentenceTransformerEmbedder, load_reference

if TYPE_CHECKING:
    import torch

    from .embedding import Embedder

LEAST_COSINE = 0.9999
# The first opset that has GELU as one operation, which ONNX Runtime then computes in one step.
_OPSET = 20

_SENTENCE = (
    "Tuition for the programme is 18,690 EUR per year; applicants from outside the EU/EEA apply before the "
    "first of April with a transcript, proof of English (TOEFL iBT® 93, IELTS 6.5) and a letter of interest. "
)
SAMPLE = (
    "",
    "?",
    "fees",
    "What would I pay per year as an EU student?",
    "Wie hoch sind die Studiengebühren für Studierende aus der EU?",
    "¿Cuánto cuesta la matrícula? · 学费是多少？ · Сколько стоит обучение?",
    "Sehr-langes-Wort-ohne-jeden-Zwischenraum" * 40,
    *(_SENTENCE * times for times in (1, 2, 3, 4, 6, 40)),
    *(_SENTENCE[:cut] for cut in (20, 45, 70, 95, 120, 150)),
)
"""Short, long, cut off, of several scripts; most of them are padded beside others."""


class NotExported(IngestError):
    """The model stays with sentence-transformers; the message says why."""


def export(name: str, folder: Path) -> Prepared:
    """Write the model of that name to ``folder``, see that it agrees with its original, and seal it.

    Raises:
        EmbeddingModelError: the model cannot be loaded.
        NotExported: it cannot be exported, or its export computes something else.
    """
    reference = load_reference(name)
    source = source_of(name)
    if source is None:
        raise NotExported("its files are in no folder by whose content it could be known again")
    longest = reference.model.get_max_seq_length()
    expected = reference.embed(SAMPLE)  # before the model is made ready for the exporter
    try:
        _write_tokenizer(reference, folder)
        with tempfile.TemporaryDirectory(dir=folder) as raw:
            _write_graph(reference, Path(raw) / GRAPH)
            new_session(Path(raw) / GRAPH, threads=1, optimized=folder / GRAPH)
    except Exception as error:
        # The exporter lets exceptions of many others through: an operation it does not know, a shape.
        reason = next(filter(None, map(str.strip, str(error).splitlines())), "no reason given")
        raise NotExported(f"{type(error).__name__}: {reason}") from error
    exported = OnnxEmbedder(
        folder,
        name=reference.name,
        fingerprint=reference.fingerprint,
        dimensions=reference.dimensions,
        longest=longest,
    )
    cosine = least_cosine(expected, exported)
    if not cosine >= LEAST_COSINE:
        raise NotExported(
            f"its export differs from it: cosine {cosine:.5f}, at least {LEAST_COSINE} is needed"
        )
    return seal(
        folder,
        Prepared(
            source=source,
            fingerprint=reference.fingerprint,
            dimensions=reference.dimensions,
            longest=longest,
            versions=versions(),
        ),
    )


def least_cosine(expected: NDArray[np.float32], embedder: Embedder) -> float:
    """Return the lowest cosine similarity of ``expected`` with what ``embedder`` makes of ``SAMPLE``.

    Of each text once beside the others and once alone, which is how questions come.
    """
    alone = np.vstack([embedder.embed([text]) for text in SAMPLE])
    return float(min((expected * made).sum(axis=1).min() for made in (embedder.embed(SAMPLE), alone)))


def _write_tokenizer(reference: SentenceTransformerEmbedder, folder: Path) -> None:
    backend = reference.model.tokenizer.backend_tokenizer
    (folder / TOKENIZER).write_text(backend.to_str(), encoding="utf-8")


def _write_graph(reference: SentenceTransformerEmbedder, path: Path) -> None:
    import torch

    # PyTorch's fused attention becomes more operations than the plain one, such as a search for NaN.
    module: Any
    for module in reference.model.modules():
        if hasattr(module, "set_attn_implementation"):
            module.set_attn_implementation("eager")
    ids = torch.randint(5, 100, (3, 17))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    free = torch.export.Dim.DYNAMIC
    shapes = {each: {0: free, 1: free} for each in INPUTS}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        traced = torch.export.export(
            _whole(reference.model), (ids, mask), dynamic_shapes=shapes, strict=False
        )
        program = torch.onnx.export(
            traced,
            (ids, mask),
            dynamo=True,
            input_names=list(INPUTS),
            opset_version=_OPSET,
            optimize=False,
            verbose=False,
        )
    if program is None:
        raise NotExported("PyTorch returned no program")
    program.save(path)


def _whole(model: torch.nn.Module) -> torch.nn.Module:
    """``model`` from tokens to a vector of length 1, with its inputs as arguments."""
    import torch

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = self.model({"input_ids": input_ids, "attention_mask": attention_mask})
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)

    return Whole().eval()


def main(arguments: Sequence[str]) -> int:
    """Export the model named by the first argument to the folder in the second."""
    name, folder = arguments
    try:
        export(name, Path(folder))
    except EmbeddingModelError as error:
        print(error, file=sys.stderr)
        return 2
    except NotExported as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
