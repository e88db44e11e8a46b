"""What a question is after, told by the questions it resembles: "when would I be done" asks for the duration.

``intents.toml`` holds examples of what applicants ask, in their words; ``intents.npz`` their vectors by the
packaged embedding model, made from it by ``python -m assistant.intents``. A question is after what most of
the examples nearest to it are after, if it is near enough. With another embedding model nothing is told:
questions are then understood by their words alone.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.embedding import Embedder, load_embedder
from ingest.question_vectors import Awaited

# Examples that have a say, and how much nearer one has to be for e times the weight.
_NEAREST, _SHARPNESS = 12, 0.1
_EXAMPLES, _VECTORS = "intents.toml", "intents.npz"


class Intent(NamedTuple):
    """What is asked for, by the name of a concept of the lexicon where there is one.

    ``likeness`` has for each thing that may be asked the cosine of the question and the nearest example.
    """

    name: str
    likeness: Mapping[str, float]

    @property
    def similarity(self) -> float:
        """The cosine of the question and the nearest example that asks the same."""
        return self.likeness[self.name]

    def likeness_to(self, concept: str) -> float:
        """The cosine of the question and the nearest example that speaks of a concept, -1 for none."""
        return max((near for name, near in self.likeness.items() if concept in name), default=-1.0)


class Sense(NamedTuple):
    """What vectors tell of a question: its own, and what it is after. Both are waited for when called.

    ``intent`` is None where nothing tells.
    """

    vector: Awaited
    intent: Callable[[], Intent | None]


class Intents:
    """Examples: what each asks for, those that ask the same side by side, and its vector of length 1.

    ``vectors`` has the shape (examples, dimensions).
    """

    def __init__(self, names: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._names = names
        self._vectors = vectors
        self._firsts = {name: names.index(name) for name in dict.fromkeys(names)}

    def of(self, question: NDArray[np.float32]) -> Intent:
        """What the question with this vector is after, were it like one of the examples.

        The nearest examples vote, the nearer the more: e^(cosine / 0.1), as in Goldberger et al.,
        "Neighbourhood Components Analysis", 2005.
        """
        cosines = self._vectors @ question
        votes = dict.fromkeys(self._firsts, 0.0)
        few = min(_NEAREST, len(cosines))
        for place in np.argpartition(-cosines, few - 1)[:few].tolist():
            votes[self._names[place]] += math.exp(float(cosines[place]) / _SHARPNESS)
        nearest = np.maximum.reduceat(cosines, list(self._firsts.values())).tolist()
        return Intent(max(votes, key=votes.__getitem__), dict(zip(self._firsts, nearest, strict=True)))


def examples() -> Mapping[str, Sequence[str]]:
    """The packaged examples by what they ask for."""
    found: dict[str, list[str]] = tomllib.loads(_packaged(_EXAMPLES).read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=4)
def intents_of(fingerprint: str) -> Intents | None:
    """The packaged examples as the embedder of this fingerprint sees them; None for any but the packaged one.

    Raises:
        ValueError: the vectors are those of other examples.
    """
    with as_file(_packaged(_VECTORS)) as path, np.load(path) as stored:
        if str(stored["fingerprint"]) != fingerprint:
            return None
        if str(stored["examples"]) != _digest():
            raise ValueError(f"{_VECTORS} is not made from {_EXAMPLES}: run python -m assistant.intents")
        vectors, names = stored["vectors"].astype(np.float32), stored["names"].tolist()
    return Intents(names, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def write_vectors(embedder: Embedder) -> None:
    """Embed the examples and write their vectors beside them, as whole numbers of -127 to 127."""
    pairs = [(name, question) for name, questions in examples().items() for question in questions]
    vectors = embedder.embed([question for _, question in pairs])
    whole = np.round(vectors * (127 / np.abs(vectors).max(axis=1, keepdims=True))).astype(np.int8)
    with as_file(_packaged(_VECTORS)) as path:
        np.savez_compressed(
            path,
            vectors=whole,
            names=[name for name, _ in pairs],
            fingerprint=embedder.fingerprint,
            examples=_digest(),
        )


def _packaged(name: str) -> Traversable:
    return files("assistant").joinpath(name)


def _digest() -> str:
    return hashlib.sha256(_packaged(_EXAMPLES).read_text(encoding="utf-8").encode()).hexdigest()


if __name__ == "__main__":
    write_vectors(load_embedder())
