"""A run as a JSON file, and back.

    {"format": 1, "conditions": {…}, "metrics": {"all": SCORES, "by_tag": {TAG: SCORES}}, "results": [{…}]}

is a run, or where both modes were asked, with RUN as that without the format,

    {"format": 1, "modes": {"quoted": RUN, "generated": RUN}}

``metrics`` also holds ``"model"`` where a language model was asked. SCORES are ``{"questions": 260,
"shares": {"pass_rate": {"hits", "n", "value", "low", "high"}, …}, "latency_ms": {"p50": {"value", "n"},
…}}``; shares from 0 to 1, null where nothing was judged. Two runs of the same questions on the same pages,
without a language model, differ in nothing but the times.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from .fixtures import BadInput
from .metrics import Percentile, Scores, Share, scores, scores_by_tag
from .model_figures import model_figures
from .scoring import Result

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a run was made with.

    ``questions`` is the file as it was named, ``corpus`` the folder, "" for the current index. ``documents``
    are content hashes by id. ``mode`` is how answers were to be made: "quoted", or "generated" with a
    language model, which falls back to quotes.
    """

    questions: str
    questions_sha256: str
    corpus: str
    embedding_model: str
    documents: Mapping[str, str]
    mode: str = "quoted"


@dataclass(frozen=True, slots=True)
class Run:
    """All questions of a file, asked and judged."""

    conditions: Conditions
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class _Saved:
    format: int
    conditions: Conditions
    results: tuple[Result, ...]


def write_run(path: Path, run: Run) -> None:
    """Write ``run`` with its metrics. Raises: OSError."""
    _write(path, _content(run))


def write_runs(path: Path, runs: Mapping[str, Run]) -> None:
    """Write the runs of several modes, by mode, into one file. Raises: OSError."""
    _write(path, {"modes": {mode: _content(run) for mode, run in runs.items()}})


def _write(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps({"format": FORMAT, **content}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _content(run: Run) -> dict[str, Any]:
    metrics: dict[str, Any] = {
        "all": _scores(scores(run.results)),
        "by_tag": {tag: _scores(each) for tag, each in scores_by_tag(run.results).items()},
    }
    figures = model_figures(run.results)
    if figures is not None:
        metrics["model"] = {
            name: share_record(value) if isinstance(value, Share) else value
            for name, value in ((each.name, getattr(figures, each.name)) for each in fields(figures))
        }
    return {"conditions": asdict(run.conditions), "metrics": metrics, "results": _results(run.results)}


def read_run(path: Path) -> Run:
    """Return a run that was written; its metrics are computed anew from the results.

    Raises:
        BadInput: the file cannot be read or is not a run.
    """
    remedy = "Name a file that `prospectus evaluate … --json FILE` wrote"
    try:
        content = path.read_bytes()
        saved = TypeAdapter(_Saved).validate_json(content)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}. {remedy}.") from None
    except ValidationError as error:
        if _holds_both_modes(content):
            raise BadInput(f"{path} holds the runs of both modes, one beside the other already.") from None
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise BadInput(f"{path} is not a saved run ({place}: {first['msg']}). {remedy}.") from None
    if saved.format != FORMAT:
        raise BadInput(
            f"{path} has format {saved.format}, but this version reads {FORMAT}. Run the evaluation again."
        )
    return Run(saved.conditions, saved.results)


def _holds_both_modes(content: bytes) -> bool:
    try:
        return "modes" in json.loads(content)
    except (ValueError, TypeError):
        return False


def _results(results: Sequence[Result]) -> list[dict[str, Any]]:
    plain = TypeAdapter(tuple[Result, ...]).dump_python(tuple(results), mode="json")
    return [{"passes": result.passes, **each} for result, each in zip(results, plain, strict=True)]


def _scores(of: Scores) -> dict[str, Any]:
    return {
        "questions": of.questions,
        "shares": {name: share_record(share) for name, share in of.shares.items()},
        "latency_ms": {f"p{percent}": _percentile(each) for percent, each in of.latency.items()},
    }


def share_record(share: Share) -> dict[str, Any]:
    """Return a share with its interval as it stands in the record."""
    interval = share.interval
    return {
        "hits": share.hits,
        "n": share.n,
        "value": share.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }


def _percentile(percentile: Percentile) -> dict[str, Any]:
    return {"value": percentile.milliseconds, "n": percentile.n}
