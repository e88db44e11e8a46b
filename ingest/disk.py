"""The disk that an index is written to: which one it is, whether there is room on it, and what is on it."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from .errors import DiskFull

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# Bytes. So little is left where something failed for want of room and does not say so: Chroma, or numpy
# ("4096 requested and 0 written").
_NEXT_TO_NOTHING = 256 * 1024


def is_full(error: OSError, folder: Path) -> bool:
    """Return whether a write to ``folder`` failed with ``error`` because its disk, or a quota, is used up."""
    return error.errno in _FULL or has_no_room(folder)


def has_no_room(folder: Path) -> bool:
    """Return whether the disk of ``folder`` is as good as full."""
    try:
        return shutil.disk_usage(folder).free < _NEXT_TO_NOTHING
    except OSError:
        return False


def free_on(folder: Path) -> str:
    """Return a sentence that names the disk of ``folder``, which need not exist, and what is free on it."""
    existing = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    usage = shutil.disk_usage(existing)
    return f"The disk mounted at {_mount(existing)} has {_size(usage.free)} of {_size(usage.total)} free."


def check_room(folder: Path, needed: int) -> None:
    """Return if the disk of the existing ``folder`` has ``needed`` bytes free.

    Raises:
        DiskFull: it has not.
    """
    if shutil.disk_usage(folder).free < needed:
        raise DiskFull(f"it takes at least {_size(needed)}")


def flush(path: Path) -> None:
    """Have a file or the entries of a folder on disk before going on, whatever happens to the power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mount(folder: Path) -> Path:
    resolved = folder.resolve()
    return next(each for each in (resolved, *resolved.parents) if os.path.ismount(each))


def _size(count: int) -> str:
    unit, name = (1e9, "GB") if count >= 1e9 else (1e6, "MB") if count >= 1e6 else (1e3, "kB")
    return f"{count / unit:.1f} {name}"
