"""Arrays that stay on disk: mapped into memory, and read where they are used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def mapped(path: Path) -> NDArray[Any]:
    """Return the array in a ``.npy`` file, read-only, without reading it.

    Raises:
        OSError, ValueError: it is missing, or no such file.
    """
    # As a plain array: each slice of a memmap costs microseconds more, and a question takes hundreds.
    found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    return found
