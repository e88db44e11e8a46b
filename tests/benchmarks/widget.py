"""How heavy the chat widget is, and how soon one can type into it on the demo page.

Run it: ``python tests/benchmarks/widget.py [--runs N] [--json FILE]``. It starts the real server on an index
of ``corpus/`` and loads its demo page in Chromium, each time in a window that has nothing in its cache:

- *ready*: milliseconds from the start of the navigation until the field for the question is shown and
  enabled, looked for once in each frame. The server is on the same machine: the network costs nothing.
- *ready, slow processor*: the same, with the processor slowed down four times, which stands for a telephone.
- *bytes*: the script as it is, and compressed with ``gzip -9``.

Exit status 3 where 95 of 100 runs were not ready within 300 ms, or the script is heavier than 20,000 bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "api"), str(ROOT / "tests" / "browser")]  # as pytest does

import chromium  # noqa: E402 - it lies there
from site_server import served  # noqa: E402 - as the line above

from ingest.embedding import load_embedder  # noqa: E402 - as above
from ingest.pipeline import ingest  # noqa: E402 - as above

READY_LIMIT = 300.0
BYTES_LIMIT = 20_000
SLOWER = 4

_NOTES_WHEN_READY = """
  window.readyAfter = new Promise((resolve) => {
    const look = () => {
      const field = document.querySelector("prospectus-chat")?.shadowRoot?.querySelector("[part~=input]");
      if (field?.checkVisibility() && !field.disabled) resolve(performance.now());
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit status 3 where a limit was missed."""
    parser = argparse.ArgumentParser(description="Weight of the widget, and time until one can type.")
    parser.add_argument("--runs", type=int, default=40, help="page loads of each kind")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    options = parser.parse_args(arguments)
    os.environ["HF_HUB_OFFLINE"] = "1"
    script = (ROOT / "api" / "widget" / "widget.js").read_bytes()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = chromium.start(playwright)
        ingest([ROOT / "corpus"], Path(folder), load_embedder())
        with served(Path(folder)) as server:
            _ready(browser, server.url)  # the server reads some files the first time
            ready = [_ready(browser, server.url) for _ in range(options.runs)]
            slow = [_ready(browser, server.url, slower=SLOWER) for _ in range(options.runs)]
        result = {
            "machine": {"system": platform.platform(), "cores": os.cpu_count(), "chromium": browser.version},
            "bytes": {"script": len(script), "gzip": len(gzip.compress(script, 9))},
            "ready_ms": _summary(ready),
            "ready_slow_processor_ms": _summary(slow),
        }
        browser.close()
    result["passed"] = result["ready_ms"]["p95"] < READY_LIMIT and result["bytes"]["gzip"] <= BYTES_LIMIT
    text = json.dumps(result, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0 if result["passed"] else 3


def _ready(browser: Browser, url: str, *, slower: float = 1) -> float:
    """Milliseconds until one can type, in a window of its own."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(_NOTES_WHEN_READY)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(url)
    page.locator("prospectus-chat [part~=input]").wait_for()  # an error if it never comes
    milliseconds: float = page.evaluate("window.readyAfter")
    context.close()
    return milliseconds


def _summary(values: Sequence[float]) -> dict[str, Any]:
    p50, p95 = np.percentile(values, [50, 95]).tolist()
    return {"n": len(values), "p50": round(p50, 1), "p95": round(p95, 1), "max": round(max(values), 1)}


if __name__ == "__main__":
    sys.exit(main())
