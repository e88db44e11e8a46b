"""A run as one HTML page that needs nothing else: no script, no font, no picture, no address is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from urllib.parse import urlsplit

from .metrics import METRICS, PERCENTILES, Scores, Share, scores, scores_by_tag
from .model_figures import model_figures
from .overview import change, milliseconds, model_rows, percentage, share_cells
from .record import Conditions, Run
from .scoring import Cited, Result

# Nothing is loaded and nothing runs, whatever a page or a question holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# A page may not hold these, escaped or not: HTML, "Text", "noncharacters and controls".
_NOT_ALLOWED = {
    code: "\N{REPLACEMENT CHARACTER}"
    for code in (*range(0x20), *range(0x7F, 0xA0))
    if chr(code) not in "\t\n"
}


def html_report(run: Run, *, quoted: Run | None = None) -> str:
    """Return the page: metrics, metrics by tag, every failing question in full, and the others folded.

    ``quoted`` is the run of the same questions without a language model: then both stand side by side, and
    each reply that reads otherwise beside its quoted answer.
    """
    failing = [result for result in run.results if not result.passes]
    defective = [result for result in run.results if result.passes and result.defects]
    passing = [result for result in run.results if result.passes and not result.defects]
    beside = {result.id: result for result in quoted.results} if quoted is not None else {}
    overall = scores(run.results)
    style = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    title = f"Evaluation of {_text(run.conditions.questions)}"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{title}</title>",
        f"<style>{style}</style></head><body>",
        f"<header><h1>{title}</h1>{_headline(overall)}</header><main>",
        _metrics(overall),
        _both_modes(scores(quoted.results), overall) if quoted is not None else "",
        _language_model(run.results),
        _by_tag(run.results),
        _section("Failing", "Every question passes.", (_open_entry(each, beside) for each in failing)),
    ]
    if defective:
        entries = (_open_entry(each, beside) for each in defective)
        parts.append(_section("Passing, with a defect", "", entries))
    parts += [
        _section("Passing", "No question passes.", (_folded_entry(each, beside) for each in passing)),
        _conditions(run.conditions),
    ]
    return "\n".join([*parts, "</main></body></html>", ""])


def _headline(overall: Scores) -> str:
    passes = overall.shares["pass_rate"]
    value, interval, _ = share_cells(passes)
    return (
        f"<p><strong>{value}</strong> of {passes.n} questions pass (95 % interval {interval}); half of the "
        f"replies take at most {milliseconds(overall.latency[50])} ms, "
        f"95 % at most {milliseconds(overall.latency[95])} ms.</p>"
    )


def _metrics(overall: Scores) -> str:
    rows = [
        f'<tr><th scope="row">{metric.title}<small>harm: {metric.harm}</small></th>'
        f"{_cells(overall.shares[metric.name])}<td>{'high' if metric.is_better_high else 'low'}</td></tr>"
        for metric in METRICS
    ]
    rows += [
        f'<tr><th scope="row">Latency p{percent}<small>harm: waiting</small></th>'
        f"<td>{milliseconds(each)} ms</td><td>–</td><td>{each.n}</td><td>low</td></tr>"
        for percent, each in overall.latency.items()
    ]
    caption = (
        "The interval is that of Wilson; n counts what could be judged, a dash stands where nothing could."
    )
    head = ("Metric", "Value", "95 % interval", "n", "Good is")
    return f"<section><h2>Metrics</h2>{_table('Metrics', caption, head, rows)}</section>"


def _both_modes(quoted: Scores, generated: Scores) -> str:
    rows = []
    for metric in METRICS:
        a, b = quoted.shares[metric.name], generated.shares[metric.name]
        cells = (percentage(a), percentage(b), change(metric, a, b), f"{a.hits}/{a.n}", f"{b.hits}/{b.n}")
        rows.append(_row(metric.title, cells))
    for percent in PERCENTILES:
        times = (milliseconds(each.latency[percent]) for each in (quoted, generated))
        rows.append(
            _row(f"Latency p{percent}, ms", (*times, "–", str(quoted.questions), str(generated.questions)))
        )
    head = ("Metric", "Quoted", "Generated", "Change", "n quoted", "n generated")
    caption = "The same questions, without a language model and with one."
    return f"<section><h2>Quoted and generated</h2>{_table('Both modes', caption, head, rows)}</section>"


def _language_model(results: Sequence[Result]) -> str:
    figures = model_figures(results)
    if figures is None:
        return ""
    rows = [_row(name, cells) for name, *cells in model_rows(figures)]
    head = ("What", "Value", "95 % interval", "n")
    caption = f"{_text(', '.join(figures.models))}: what the check did to its sentences, and what it cost."
    return (
        f"<section><h2>The language model</h2>{_table('The language model', caption, head, rows)}</section>"
    )


def _row(name: str, cells: Iterable[str]) -> str:
    return (
        f'<tr><th scope="row">{_text(name)}</th>{"".join(f"<td>{_text(cell)}</td>" for cell in cells)}</tr>'
    )


def _by_tag(results: Sequence[Result]) -> str:
    rows = [
        f'<tr><th scope="row">{_text(tag)}</th><td>{each.questions}</td>'
        + "".join(_small_cell(each.shares[metric.name]) for metric in METRICS)
        + f"<td>{milliseconds(each.latency[50])}</td><td>{milliseconds(each.latency[95])}</td></tr>"
        for tag, each in scores_by_tag(results).items()
    ]
    caption = "Under each value its 95 % interval and how many of how many."
    head = ("Tag", "Questions", *(metric.title for metric in METRICS), "p50 ms", "p95 ms")
    return f"<section><h2>By tag</h2>{_table('Metrics by tag', caption, head, rows)}</section>"


def _table(name: str, caption: str, head: Iterable[str], rows: Iterable[str]) -> str:
    columns = "".join(f'<th scope="col">{title}</th>' for title in head)
    return (
        f'<div class="scroll" role="region" aria-label="{name}" tabindex="0"><table>'
        f"<caption>{caption}</caption><thead><tr>{columns}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cells(share: Share) -> str:
    return "".join(f"<td>{_text(cell)}</td>" for cell in share_cells(share))


def _small_cell(share: Share) -> str:
    value, interval, ratio = map(_text, share_cells(share))
    return (
        f"<td>{value}<small>{interval}</small><small>{ratio}</small></td>" if share.n else f"<td>{value}</td>"
    )


def _section(title: str, empty: str, entries: Iterable[str]) -> str:
    shown = list(entries)
    return f"<section><h2>{title} ({len(shown)})</h2>{''.join(shown) or f'<p>{empty}</p>'}</section>"


def _open_entry(result: Result, beside: Mapping[str, Result]) -> str:
    return f'<article id="{_text(result.id)}">{_heading(result)}{_entry(result, beside)}</article>'


def _folded_entry(result: Result, beside: Mapping[str, Result]) -> str:
    entry = _entry(result, beside)
    return f'<details id="{_text(result.id)}"><summary>{_heading(result)}</summary>{entry}</details>'


def _heading(result: Result) -> str:
    mark, kind = ("✓ passes", "good") if result.passes else ("✗ fails", "bad")
    return (
        f'<h3>{_text(result.turns[-1])}</h3> <span class="{kind}">{mark}</span> '
        f'<span class="faint">{_text(result.id)} · {_text(", ".join(result.tags))}</span>'
    )


def _entry(result: Result, beside: Mapping[str, Result]) -> str:
    parts: list[str] = []
    if wrong := (*result.reasons, *result.defects):
        parts.append(f'<dt>What is wrong</dt><dd class="bad"><ul>{_items(wrong)}</ul></dd>')
    if len(result.turns) > 1:
        parts.append(f"<dt>Said before</dt><dd><ol>{_items(result.turns[:-1])}</ol></dd>")
    if result.question != result.turns[-1]:
        parts.append(f"<dt>Searched</dt><dd>{_text(result.question)}</dd>")
    parts.append(
        f"<dt>Reply{', generated' if result.mode == 'generated' else ''}: <code>{result.outcome}</code> "
        f"(expected: {result.expect}), "
        f'{result.milliseconds:.1f} ms</dt><dd class="said">{_text(result.text)}</dd>'
    )
    quoted = beside.get(result.id)
    if quoted is not None and quoted.text != result.text:
        mark = "passes" if quoted.passes else "fails"
        parts.append(
            f"<dt>Quoted reply: <code>{quoted.outcome}</code>, {mark}</dt>"
            f'<dd class="said">{_text(quoted.text)}</dd>'
        )
    if result.notices:
        parts.append(f"<dt>Notices</dt><dd><ul>{_items(result.notices)}</ul></dd>")
    if result.citations:
        parts.append(f"<dt>Citations</dt><dd>{''.join(map(_citation, result.citations))}</dd>")
    return f"<dl>{''.join(parts)}</dl>"


def _citation(cited: Cited) -> str:
    link = cited.link if urlsplit(cited.link).scheme in {"http", "https"} else ""
    title = (
        f'<a href="{_text(link)}" rel="noopener noreferrer">{_text(cited.title)}</a>'
        if link
        else _text(cited.title)
    )
    remarks = [] if cited.is_exact else ['<strong class="bad">not in its document</strong>']
    if cited.is_gold is not None:
        remarks.append("gold" if cited.is_gold else "not gold")
    remark = f' <span class="faint">({", ".join(remarks)})</span>' if remarks else ""
    return f"<div>[{cited.number}] {title}{remark}<blockquote>{_text(cited.quote)}</blockquote></div>"


def _conditions(conditions: Conditions) -> str:
    documents = [f"{name}: {digest[:16]}…" for name, digest in conditions.documents.items()]
    return (
        f"<section><h2>Conditions</h2><dl><dt>Questions</dt><dd>{_text(conditions.questions)}, sha256 "
        f"{_text(conditions.questions_sha256[:16])}…</dd><dt>Corpus</dt>"
        f"<dd>{_text(conditions.corpus or 'the current index')}</dd>"
        f"<dt>Embedding model</dt><dd>{_text(conditions.embedding_model)}</dd>"
        f"<dt>Documents</dt><dd><ul>{_items(documents)}</ul></dd></dl></section>"
    )


def _items(texts: Iterable[str]) -> str:
    return "".join(f"<li>{_text(text)}</li>" for text in texts)


def _text(text: str) -> str:
    return escape(text.translate(_NOT_ALLOWED))
