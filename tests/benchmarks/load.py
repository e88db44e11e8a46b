"""How the server bears up: 20 questions a second, clients that leave, and half an hour with index swaps.

Run it: ``python tests/benchmarks/load.py [--json FILE]``; ``--help`` names what can be made shorter. It
starts the real ``prospectus serve`` on an index of ``corpus/`` and measures, one after the other:

- Open loop: questions are sent at the moments the clock says, whether or not earlier ones were answered; a
  latency counts from that moment. Every third is streamed. Errors are all that is not a whole reply.
- Cuts: streams that the client breaks off at random moments. Reported is what the process holds before and
  after: asyncio tasks, threads, file descriptors, connections.
- Soak: questions at a lower rate while ``prospectus ingest`` publishes, in another process, by turns one of
  two editions of the corpus whose texts differ in every offset. A reply is *mixed* if one of its quotes does
  not stand in the documents of the generation it names. Memory is sampled every five seconds; its slope is
  a least-squares line over the second half, when what is kept for good has been loaded.

The client runs on the same machine, so the figures are those of a machine that does both. Exit status 3 where
a request failed, a reply was mixed, something was left behind, or a swap took over five seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2
import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "api"))  # as pytest does, see pyproject.toml

from outside_server import NO_LIMITS, OutsideServer, Resources, events_of  # noqa: E402 - it lies there

from ingest.generations import current_generation  # noqa: E402 - as the line above

QUESTIONS = ("first.jsonl", "full.jsonl")
SWAP_LIMIT = 5.0
SAMPLE_SECONDS = 5.0
SETTLE_SECONDS = 15.0
KEPT = {"tasks": 0, "connections": 0, "threads": 4, "descriptors": 15}
"""What the server may hold more of than before: threads, and connections to its database, are kept for the
next request, up to five of three files each. One for each stream would be a hundred."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: when it was due (seconds from the start), how long it took, and how it ended.

    ``failure`` is "" for a whole reply, ``generation`` the one the reply names.
    """

    due: float
    seconds: float
    failure: str
    generation: str = ""
    first_sentence: float | None = None
    is_mixed: bool = False


@dataclass(slots=True)
class Editions:
    """The documents of each generation that was published, by its id."""

    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    unchecked: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)

    async def learn(self, client: httpx2.AsyncClient) -> str:
        """Reads the documents of the generation that answers now and returns its id."""
        listed = (await client.get("/v1/documents")).json()
        paths = [f"/v1/documents/{each['id']}" for each in listed["documents"]]
        read = [(await client.get(path)).json() for path in paths]
        if (await client.get("/v1/documents")).json()["generation"] != listed["generation"]:
            return await self.learn(client)
        self.texts[listed["generation"]] = {each["id"]: each["text"] for each in read}
        generation: str = listed["generation"]
        return generation

    def is_mixed(self, reply: dict[str, Any]) -> bool:
        """Whether a quote is not that of the generation; replies of one not yet known are kept for later."""
        if reply["generation"] not in self.texts:
            self.unchecked.append((reply["generation"], reply["citations"]))
            return False
        texts = self.texts[reply["generation"]]
        return any(
            texts.get(each["document_id"], "")[each["start"] : each["end"]] != each["quote"]
            for each in reply["citations"]
        )

    def mixed_of_kept(self) -> int:
        """How many of the replies that were kept are mixed, now that all generations are known."""
        kept, self.unchecked = self.unchecked, []
        return sum(
            self.is_mixed({"generation": generation, "citations": cited}) for generation, cited in kept
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit status 3 where something failed."""
    parser = argparse.ArgumentParser(description="Load, cut streams and a soak of the real server.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    parser.add_argument("--rate", type=float, default=20, help="questions a second of the open loop")
    parser.add_argument("--seconds", type=float, default=60, help="of the open loop")
    parser.add_argument("--cuts", type=int, default=100, help="streams to break off")
    parser.add_argument("--soak-minutes", type=float, default=30)
    parser.add_argument("--soak-rate", type=float, default=5)
    parser.add_argument("--swaps", type=int, default=10)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(_measure(Path(folder), options))
    text = json.dumps(result, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0 if result["passed"] else 3


async def _measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    editions = [_edition(folder / name, name) for name in ("one", "two")]
    start = time.monotonic()
    server = OutsideServer(folder, {**NO_LIMITS, "CORPUS": str(editions[0])}, with_model=True)
    _say(f"listening after {time.monotonic() - start:.0f} s")
    try:
        limits = httpx2.Limits(max_connections=None, keepalive_expiry=2)  # before the server's 5 s
        async with httpx2.AsyncClient(
            base_url=server.url, timeout=60, limits=limits, trust_env=False
        ) as client:
            questions = _questions()
            known = Editions()
            await known.learn(client)
            for question in questions[:20]:  # the first reply loads what is loaded late
                warm = await _ask(client, question, known, time.monotonic(), 0, stream=False)
                if warm.failure:
                    raise RuntimeError(f"{warm.failure}\n{server.logged()[-3000:]}")
            result: dict[str, Any] = {"machine": _machine()}
            result["open_loop"] = await _open_loop(client, questions, known, options.rate, options.seconds)
            _say(json.dumps(result["open_loop"]))
            result["cuts"] = await _cut(server, client, questions, options.cuts)
            _say(json.dumps(result["cuts"]))
            result["soak"] = await _soak(server, client, questions, known, editions, options)
    finally:
        status = server.stop()
    result["exit_status"] = status
    result["tracebacks_in_the_log"] = server.logged().count("Traceback")
    parts = (result["open_loop"], result["cuts"], result["soak"])
    result["passed"] = all(each["passed"] for each in parts) and result["tracebacks_in_the_log"] == 0
    return result


# The three measurements


async def _open_loop(
    client: httpx2.AsyncClient, questions: Sequence[str], known: Editions, rate: float, seconds: float
) -> dict[str, Any]:
    outcomes = await _load(client, questions, known, rate, seconds)
    report = {"rate": rate, "seconds": seconds, **_report(outcomes), "load_average": _load_average()}
    return {**report, "passed": report["failed"] == 0 and report["mixed"] == 0}


async def _cut(
    server: OutsideServer, client: httpx2.AsyncClient, questions: Sequence[str], count: int
) -> dict[str, Any]:
    moments = random.Random(1)  # noqa: S311 - the same moments in each run
    ways: Counter[str] = Counter()

    async def cut(question: str) -> None:
        body = {"message": question, "stream": True}
        ends = time.monotonic() + moments.uniform(0, 0.3)
        try:
            async with (
                asyncio.timeout(max(0.0, ends - time.monotonic())),
                client.stream("POST", "/v1/chat", json=body) as response,
            ):
                async for _ in response.aiter_raw():
                    pass
            ways["ended before it was cut"] += 1
        except TimeoutError:
            ways["cut"] += 1
        except httpx2.HTTPError as error:
            ways[f"failed: {type(error).__name__}"] += 1

    async def cut_all(number: int) -> None:
        at_once = asyncio.Semaphore(10)

        async def one(question: str) -> None:
            async with at_once:
                await cut(question)

        await asyncio.gather(*(one(questions[index % len(questions)]) for index in range(number)))

    await cut_all(20)  # so that every thread there may be has been started
    before = await _settled(server, client)
    ways.clear()
    await cut_all(count)
    after = await _settled(server, client)
    left = {
        name: getattr(after, name) - getattr(before, name)
        for name in ("tasks", "threads", "descriptors", "connections")
    }
    answers = (await client.post("/v1/chat", json={"message": questions[0]})).status_code == 200
    return {
        "streams": count,
        **ways,
        "before": asdict(before),
        "after": asdict(after),
        "left_behind": left,
        "load_average": _load_average(),
        "passed": answers and all(left[name] <= allowed for name, allowed in KEPT.items()),
    }


async def _soak(
    server: OutsideServer,
    client: httpx2.AsyncClient,
    questions: Sequence[str],
    known: Editions,
    editions: Sequence[Path],
    options: argparse.Namespace,
) -> dict[str, Any]:
    seconds = options.soak_minutes * 60
    before = await _settled(server, client)
    samples: list[tuple[float, Resources]] = []
    swaps: list[dict[str, float]] = []
    start = time.monotonic()

    async def sample() -> None:
        while True:
            found = await asyncio.to_thread(server.resources)
            samples.append((time.monotonic() - start, found))
            await asyncio.sleep(SAMPLE_SECONDS)

    async def swap() -> None:
        sources = cycle([editions[1], editions[0]])
        for number in range(options.swaps):
            due = start + (number + 0.5) * seconds / options.swaps
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            swaps.append(await _swap(server, client, known, next(sources), start))
            _say(f"swap {number + 1}: {json.dumps(swaps[-1])}")

    sampling, swapping = asyncio.create_task(sample()), asyncio.create_task(swap())
    outcomes = await _load(client, questions, known, options.soak_rate, seconds)
    await swapping
    sampling.cancel()
    after = await _settled(server, client)
    by_quarter = [
        min((found.descriptors for moment, found in samples if 4 * moment // seconds == quarter), default=0)
        for quarter in range(4)
    ]
    late = [(moment, found.resident) for moment, found in samples if moment >= seconds / 2]
    report = {
        "minutes": options.soak_minutes,
        "rate": options.soak_rate,
        **_report(outcomes, extra_mixed=known.mixed_of_kept()),
        "swaps": swaps,
        "generations_seen": len({each.generation for each in outcomes if each.generation}),
        "megabytes_an_hour_second_half": _slope(late),
        "megabytes": [round(found.resident / 1e6, 1) for _, found in samples],
        "least_descriptors_by_quarter": by_quarter,
        "most": {
            name: max(getattr(found, name) for _, found in samples)
            for name in ("tasks", "threads", "descriptors", "connections")
        },
        "before": asdict(before),
        "after": asdict(after),
        "load_average": _load_average(),
    }
    slowest = max((each["seconds_until_it_answers"] for each in swaps), default=0.0)
    passed = (
        report["failed"] == 0
        and report["mixed"] == 0
        and slowest <= SWAP_LIMIT
        and len(swaps) == options.swaps
        and after.tasks <= before.tasks
        # Each thread that answers opens the files for itself once: what grows after the first half is a leak.
        # The least counts, for while a swap goes on two generations are open.
        and by_quarter[3] <= by_quarter[1] + 4
    )
    return {**report, "passed": passed}


async def _swap(
    server: OutsideServer, client: httpx2.AsyncClient, known: Editions, source: Path, start: float
) -> dict[str, float]:
    """Ingests ``source`` in another process; when it was published, and how long until it answered."""
    old = current_generation(server.data)
    begun = time.monotonic()
    environment = {**os.environ, "PROSPECTUS_DATA_DIR": str(server.data)}
    ingesting = await asyncio.create_subprocess_exec(
        *("nice", sys.executable, "-m", "api.command_line", "ingest", str(source)),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    ended = asyncio.create_task(ingesting.communicate())
    while (new := current_generation(server.data)) == old:
        if ended.done() and current_generation(server.data) == old:
            raise RuntimeError(f"the ingest published nothing: {ended.result()[1].decode()}")
        await asyncio.sleep(0.05)
    published = time.monotonic()
    while (await client.get("/v1/documents")).json()["generation"] != new:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.05)
    answers = time.monotonic()
    await known.learn(client)
    await ended
    return {
        "at": round(begun - start, 1),
        "ingest_seconds": round(published - begun, 1),
        "seconds_until_it_answers": round(answers - published, 2),
    }


# The client


async def _load(
    client: httpx2.AsyncClient, questions: Sequence[str], known: Editions, rate: float, seconds: float
) -> list[Outcome]:
    start = time.monotonic() + 0.1
    asking = []
    for number in range(int(rate * seconds)):
        due = start + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        question = questions[number % len(questions)]
        asking.append(
            asyncio.create_task(_ask(client, question, known, due, due - start, stream=number % 3 == 2))
        )
    return list(await asyncio.gather(*asking))


async def _ask(
    client: httpx2.AsyncClient, question: str, known: Editions, due: float, at: float, *, stream: bool
) -> Outcome:
    first: float | None = None
    try:
        if stream:
            text = ""
            async with client.stream(
                "POST", "/v1/chat", json={"message": question, "stream": True}
            ) as response:
                async for chunk in response.aiter_text():
                    text += chunk
                    if first is None and "event: sentence" in text:
                        first = time.monotonic() - due
            if response.status_code != 200:
                return Outcome(at, time.monotonic() - due, f"status {response.status_code}")
            name, reply = events_of(text)[-1]
            if name != "completed":
                return Outcome(at, time.monotonic() - due, f"event {name}")
        else:
            whole = await client.post("/v1/chat", json={"message": question})
            if whole.status_code != 200:
                return Outcome(at, time.monotonic() - due, f"status {whole.status_code}")
            reply = whole.json()
    except (httpx2.HTTPError, ValueError, IndexError) as error:
        return Outcome(at, time.monotonic() - due, type(error).__name__)
    seconds = time.monotonic() - due
    return Outcome(at, seconds, "", reply["generation"], first, known.is_mixed(reply))


async def _settled(server: OutsideServer, client: httpx2.AsyncClient) -> Resources:
    """What the server holds once it holds no more connections, or after SETTLE_SECONDS."""
    await client.get("/healthz")
    ends = time.monotonic() + SETTLE_SECONDS
    found = await asyncio.to_thread(server.resources)
    while time.monotonic() < ends and found.connections > 0:
        await asyncio.sleep(0.5)
        found = await asyncio.to_thread(server.resources)
    return found


# What they found


def _report(outcomes: Sequence[Outcome], extra_mixed: int = 0) -> dict[str, Any]:
    times = [1000 * each.seconds for each in outcomes if not each.failure]
    first = [1000 * each.first_sentence for each in outcomes if each.first_sentence is not None]
    return {
        "questions": len(outcomes),
        "failed": sum(bool(each.failure) for each in outcomes),
        "failures": dict(Counter(each.failure for each in outcomes if each.failure)),
        "mixed": sum(each.is_mixed for each in outcomes) + extra_mixed,
        "ms": _percentiles(times),
        "ms_to_first_sentence": _percentiles(first),
    }


def _percentiles(times: Sequence[float]) -> dict[str, float] | None:
    if not times:
        return None
    p50, p95, p99 = np.percentile(times, [50, 95, 99])
    found = {"p50": p50, "p95": p95, "p99": p99, "longest": max(times), "mean": statistics.fmean(times)}
    return {"n": len(times), **{name: round(float(each), 1) for name, each in found.items()}}


def _slope(samples: Sequence[tuple[float, int]]) -> float | None:
    """Megabytes an hour."""
    if len(samples) < 3:
        return None
    moments, sizes = zip(*samples, strict=True)
    slope = float(np.polyfit(moments, sizes, 1)[0])
    return round(slope * 3600 / 1e6, 1)


def _edition(folder: Path, name: str) -> Path:
    """A copy of the corpus in which a line of its own moves all that follows."""
    shutil.copytree(ROOT / "corpus", folder)
    for page in folder.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        head, found, rest = text.partition("\n# ")
        title, line_end, body = rest.partition("\n")
        page.write_text(f"{head}{found}{title}{line_end}\nThis is edition {name}.\n{body}", encoding="utf-8")
    return folder


def _questions() -> list[str]:
    return [
        json.loads(line)["turns"][0]
        for name in QUESTIONS
        for line in (ROOT / "tests" / "questions" / name).read_text(encoding="utf-8").splitlines()
    ]


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": _load_average(),
    }


def _load_average() -> list[float]:
    return [round(each, 1) for each in os.getloadavg()]


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
