"""Embedding models in the data directory, as ONNX Runtime runs them, each known by the content it came from.

    <data dir>/models/
        53aa51172d142c89/     the beginning of the SHA-256 of the weights, or of the model's files
            manifest.json     the source, the fingerprint, and the hashes of the files
            model.onnx  model.weights  tokenizer.json
        staging-…/            what is being prepared; left behind only by a process that was killed

A model is prepared by ``prospectus ingest``, in a child process, and gets its name when it is whole. One that
cannot be exported leaves a manifest that says why, so that it is not tried each time. Whatever is missing or
damaged here, sentence-transformers takes its place: the vectors are the same.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .data_directory import models_folder
from .disk import flush
from .errors import EmbeddingModelError
from .generations import content_digest
from .onnx_model import OnnxEmbedder
from .packaged_model import DEFAULT_MODEL, PACKAGED_NAMES, PACKAGED_SHA256
from .records import as_json, from_json
from .reference_model import cached_folder

Progress = Callable[[str, int, int], None]

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
# Seconds; the packaged model takes 20, and one of a gigabyte some minutes.
TIMEOUT = 1800
_STAGING = "staging-"
_NAME_LENGTH = 16
# What decides whether a model can be exported.
_LIBRARIES = ("onnx", "onnxruntime", "onnxscript", "sentence-transformers", "torch", "transformers")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a model was prepared from and with.

    ``source`` is the SHA-256 of the weights or of the files (see ``source_of``), ``fingerprint`` that of the
    embedder, ``longest`` the longest input in tokens, and ``files`` maps each file to its SHA-256. Where
    ``reason`` is not empty the model cannot be exported with the libraries of these ``versions``.
    ``checksum`` is that of all else.
    """

    source: str
    fingerprint: str = ""
    dimensions: int = 0
    longest: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION
    checksum: str = ""


def source_of(name: str) -> str | None:
    """Return what tells the files of a model from those of another: the SHA-256 of all of them.

    Of the packaged model that of its weights, which are looked at when it is prepared. None for a model that
    is not on this machine. What lies in a folder can be exchanged, so it is read: 0.7 s for a gigabyte.
    """
    if name in PACKAGED_NAMES:
        return PACKAGED_SHA256
    folder = cached_folder(name)
    if folder is None:
        return None
    digest = hashlib.sha256()
    try:
        for path in sorted(folder.rglob("*")):
            within = path.relative_to(folder)
            if path.is_file() and not any(part.startswith(".") for part in within.parts):
                digest.update(
                    f"{within.as_posix()}\0{content_digest(path)}\n".encode(errors="surrogateescape")
                )
    except OSError:
        return None
    return digest.hexdigest()


def prepared_embedder(name: str, data_dir: Path) -> OnnxEmbedder | None:
    """Return the embedder of that name on ONNX Runtime, None where it is not prepared or cannot be used.

    Why it is None stands in the log, in one line.
    """
    source = source_of(name)
    folder = _folder(data_dir, source)
    if source is None or folder is None or not folder.is_dir():
        _log.info("%s is not prepared for ONNX Runtime yet. %s", name, _OTHERWISE)
        return None
    try:
        found = _verified(folder, source)
        if found.reason:
            _log.info(
                "%s cannot be prepared for ONNX Runtime: %s. sentence-transformers runs it.",
                name,
                found.reason,
            )
            return None
        return OnnxEmbedder(
            folder,
            name=DEFAULT_MODEL if name in PACKAGED_NAMES else name,
            fingerprint=found.fingerprint,
            dimensions=found.dimensions,
            longest=found.longest,
        )
    except (_Unusable, EmbeddingModelError) as error:
        _log.warning("%s cannot be run by ONNX Runtime: %s. %s", name, str(error).rstrip("."), _OTHERWISE)
        return None


_OTHERWISE = "sentence-transformers runs it, and the next `prospectus ingest` prepares it."


def prepare(name: str, data_dir: Path, *, on_progress: Progress | None = None) -> None:
    """Prepare the model of that name for ONNX Runtime, unless it is prepared or known not to be exportable.

    ``on_progress`` is called with the stage "preparing the model". What goes wrong stands in the log, in one
    line, and is no error: sentence-transformers runs the model then.
    """
    report = on_progress or (lambda stage, done, total: None)
    source = source_of(name)
    folder = _folder(data_dir, source)
    if source is not None and folder is not None and _is_settled(folder, source):
        return
    report("preparing the model", 0, 1)
    try:
        reason = _prepare(name, data_dir)
    except (OSError, subprocess.SubprocessError) as error:
        reason = str(error)
    if reason:
        _log.warning(
            "%s could not be prepared for ONNX Runtime: %s. sentence-transformers runs it.",
            name,
            reason.rstrip("."),
        )
    report("preparing the model", 1, 1)


def versions() -> dict[str, str]:
    """Return the versions of the libraries that export a model, of those that are installed."""
    found = {}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def seal(folder: Path, prepared: Prepared) -> Prepared:
    """Write ``prepared`` with the hashes of all files in ``folder`` beside them; return it as written."""
    files = {path.name: content_digest(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    sealed = _with_checksum(replace(prepared, files=files))
    (folder / MANIFEST).write_bytes(as_json(Prepared, sealed, indent=1))
    return sealed


def _with_checksum(prepared: Prepared) -> Prepared:
    content = as_json(Prepared, replace(prepared, checksum=""))
    return replace(prepared, checksum=hashlib.sha256(content).hexdigest())


class _Unusable(Exception):
    """What lies in the folder of a model is not what was prepared."""


def _folder(data_dir: Path, source: str | None) -> Path | None:
    return None if source is None else models_folder(data_dir) / source[:_NAME_LENGTH]


def _is_settled(folder: Path, source: str) -> bool:
    """Whether the model is prepared, or could not be exported by the libraries that are installed."""
    try:
        found = _verified(folder, source)
    except _Unusable:
        return False
    return not found.reason or found.versions == versions()


def _verified(folder: Path, source: str) -> Prepared:
    """What the folder holds, after every file was compared with its hash; raises _Unusable."""
    try:
        content = (folder / MANIFEST).read_bytes()
        found = from_json(Prepared, content)
        if content != as_json(Prepared, _with_checksum(found), indent=1):
            raise _Unusable(f"{folder / MANIFEST} is damaged")
        for name, expected in found.files.items():
            if content_digest(folder / name) != expected:
                raise _Unusable(f"{folder / name} is damaged")
    except FileNotFoundError as error:
        raise _Unusable(f"{error.filename} is missing") from error
    except OSError as error:
        raise _Unusable(f"{error.filename} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise _Unusable(f"{folder / MANIFEST} is damaged") from error
    if found.format_version != FORMAT_VERSION or found.source != source:
        raise _Unusable(f"{folder} is of another version of Prospectus or of another model")
    return found


def _prepare(name: str, data_dir: Path) -> str:
    """Export the model in a child process and publish what that wrote; why that failed, "" if it did not."""
    root = models_folder(data_dir)
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob(f"{_STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_STAGING, dir=root, ignore_cleanup_errors=True) as folder:
        staging = Path(folder) / "model"
        staging.mkdir()
        package = Path(__file__).resolve().parent
        search_path = os.pathsep.join(filter(None, (str(package.parent), os.environ.get("PYTHONPATH"))))
        child = subprocess.run(  # noqa: S603 (this very Python, and paths made above)
            [sys.executable, "-m", f"{package.name}.onnx_export", name, staging],
            env={**os.environ, "PYTHONPATH": search_path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        said = child.stderr.strip().splitlines() or [f"it ended with status {child.returncode}"]
        if child.returncode == 1:
            source = source_of(name)
            if source is not None:
                shutil.rmtree(staging)
                staging.mkdir()
                seal(staging, Prepared(source, versions=versions(), reason=said[-1]))
                _publish(staging, root / source[:_NAME_LENGTH])
        if child.returncode:
            return said[-1]
        made = from_json(Prepared, (staging / MANIFEST).read_bytes())
        _publish(staging, root / made.source[:_NAME_LENGTH])
        return ""


def _publish(staging: Path, folder: Path) -> None:
    """Give a whole model its name, in the place of a damaged one."""
    for path in staging.iterdir():
        flush(path)
    flush(staging)
    shutil.rmtree(folder, ignore_errors=True)
    staging.rename(folder)
    flush(folder.parent)
