"""The files to read in a folder, and the ids of their documents."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from .errors import UnreadableFile
from .loaders import READERS


def files_in(path: Path, unreadable: list[UnreadableFile]) -> list[Path]:
    """Return the files to read in ``path``, sorted; what cannot be looked into is added to ``unreadable``.

    In a folder hidden files are left out, and README.md, which speaks of the folder, and what has no known
    suffix; links that lead out of it are not followed but named.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        unreadable.append(UnreadableFile(path, "there is no such file or folder"))
        return []
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        unreadable.append(UnreadableFile(path, getattr(error, "strerror", None) or str(error)))
        return []
    if not stat.S_ISDIR(mode):
        return [path]
    closed: list[UnreadableFile] = []

    def note(error: OSError) -> None:
        closed.append(UnreadableFile(error.filename, error.strerror or str(error)))

    found: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=note):  # does not follow links to folders
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            if (link := Path(folder, name)).is_symlink() and not _leads_into(link, path.resolve()):
                closed.append(UnreadableFile(link, "it is a link that leads out of the folder"))
        found += [Path(folder, name) for name in names if _is_page(name)]
    unreadable += closed
    inside: list[Path] = []
    root = path.resolve()
    for each in found:
        if each.is_symlink() and not _leads_into(each, root):
            unreadable.append(UnreadableFile(each, "it is a link that leads out of the folder"))
        else:
            inside.append(each)
    if not found and not closed:
        suffixes = ", ".join(sorted(READERS))
        unreadable.append(UnreadableFile(path, f"the folder holds no file that ends in {suffixes}"))
    return sorted(inside)


def _leads_into(link: Path, root: Path) -> bool:
    """Whether what a link leads to lies in ``root``, or is not there, which whoever opens it finds out."""
    try:
        target = link.resolve()
    except (OSError, RuntimeError):  # a loop of links: RuntimeError up to Python 3.12
        return True
    return target.is_relative_to(root)


def _is_page(name: str) -> bool:
    is_shown = not name.startswith(".") and name.lower() != "readme.md"
    return is_shown and Path(name).suffix.lower() in READERS


def id_of_file(path: Path, root: Path) -> str:
    """Return the id of the document in ``path``: its path as seen from ``root``, without its suffix."""
    relative = path.relative_to(root).with_suffix("") if path.is_relative_to(root) else Path(path.stem)
    return re.sub(r"[^\w./-]+", "-", relative.as_posix()).strip("-/.").lower() or "document"
