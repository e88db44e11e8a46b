"""Where in a data directory an ingest writes. Conversations lie beside it, which are none of its business."""

from __future__ import annotations

from pathlib import Path


def index_folder(data_dir: Path) -> Path:
    """Return the folder of the generations."""
    return data_dir / "index"


def readings_folder(data_dir: Path) -> Path:
    """Return the folder of what files were read as."""
    return data_dir / "read"


def copies_folder(data_dir: Path) -> Path:
    """Return the folder of what was fetched from websites."""
    return data_dir / "web"


def models_folder(data_dir: Path) -> Path:
    """Return the folder of embedding models that are prepared for ONNX Runtime."""
    return data_dir / "models"


def own_folders(data_dir: Path) -> tuple[Path, ...]:
    """Return all of them: what lies there is none of the pages."""
    return (
        index_folder(data_dir),
        readings_folder(data_dir),
        copies_folder(data_dir),
        models_folder(data_dir),
    )
