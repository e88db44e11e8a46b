from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from api_fakes import OLD_QUOTE, QUOTE, FakeBackend
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

import api.command_line
from ingest.changes import Changes, FactChange, PageName
from ingest.errors import IndexDamaged, IndexMissing, UnreadableFile
from ingest.sources import SourceKind

ROOT = Path(__file__).parents[2]


def run(backend: FakeBackend, *arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(
        api.command_line.app,
        list(arguments),
        obj=lambda settings: backend,
        input=stdin,
        catch_exceptions=False,
        prog_name="prospectus",
    )


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").mkdir()
    for name in [name for name in os.environ if name.startswith("PROSPECTUS_")]:
        monkeypatch.delenv(name)


def test_ask_prints_the_answer_then_its_numbered_sources(backend: FakeBackend) -> None:
    result = run(backend, "ask", "What is the fee?")

    assert result.exit_code == 0
    assert result.stderr == ""
    text = " ".join(result.stdout.split())
    order = [
        f"{QUOTE} [1]",
        "Note: The page was last changed in 2024.",
        "Sources",
        "[1] Medical Imaging MSc \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} Fees",
        f"“{QUOTE}”",
        "https://example.org/medical-imaging#:~:text=quote1",
        "[2] Medical Imaging MSc",
        f"“{OLD_QUOTE}”",
        "What are the deadlines?",
    ]
    positions = [text.index(each) for each in order]
    assert positions == sorted(positions)


def test_ask_json_is_the_object_that_the_route_gives(client: TestClient, backend: FakeBackend) -> None:
    printed = json.loads(run(backend, "ask", "What is the fee?", "--json").stdout)
    returned = client.post("/v1/chat", json={"message": "What is the fee?"}).json()

    assert list(printed) == list(returned)
    for reply in (printed, returned):
        assert len(reply.pop("conversation_id")) == len(reply.pop("message_id")) == 22
    assert printed == returned


def test_search_json_is_the_object_that_the_route_gives(client: TestClient, backend: FakeBackend) -> None:
    printed = json.loads(run(backend, "search", "fee", "--limit", "5", "--json").stdout)

    assert printed == client.post("/v1/search", json={"query": "fee", "limit": 5}).json()


def test_ask_reads_the_question_from_standard_input(backend: FakeBackend) -> None:
    assert run(backend, "ask", "-", stdin="What is the fee?\n").exit_code == 0

    assert backend.assistant.asked[0][0] == "What is the fee?"


@pytest.mark.parametrize("question", ["", "   ", "x" * 2001, "fee\x00", "fee \udcff"])
@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_bad_question_is_one_line_and_status_2(backend: FakeBackend, command: str, question: str) -> None:
    result = run(backend, command, question)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.fullmatch(r"error: .+\n", result.stderr)
    assert backend.opened == []


def test_standard_input_that_is_not_utf_8_is_one_line_and_status_2(backend: FakeBackend) -> None:
    result = run(backend, "ask", "-", stdin=b"fee \xff")

    assert result.exit_code == 2
    assert result.stderr == "error: The question on standard input is not valid UTF-8.\n"


def test_search_shows_place_text_and_score(backend: FakeBackend) -> None:
    result = run(backend, "search", "fee")

    assert result.exit_code == 0
    assert QUOTE in result.stdout
    assert "0.750" in result.stdout


def test_chat_remembers_until_it_is_told_to_start_anew(backend: FakeBackend) -> None:
    result = run(backend, "chat", stdin="Fee?\n\nAnd for me?\n/new\nDeadline?\n/help\n/quit\nnever read\n")

    assert result.exit_code == 0
    asked = [(message, len(history)) for message, history, *_ in backend.assistant.asked]
    assert asked == [("Fee?", 0), ("And for me?", 1), ("Deadline?", 0)]
    assert result.stderr == "error: the commands are /new and /quit\n"
    assert backend.assistant.index.is_closed


def test_chat_ends_cleanly_at_the_end_of_input_and_survives_a_bad_question(backend: FakeBackend) -> None:
    result = run(backend, "chat", stdin=f"{'x' * 2001}\nFee?\n")

    assert result.exit_code == 0
    assert result.stderr.startswith("error: ")
    assert QUOTE in " ".join(result.stdout.split())


@pytest.mark.parametrize("arguments", [["ask", "Fee?"], ["search", "fee"], ["chat"]])
def test_the_first_use_builds_the_index_from_the_corpus(arguments: list[str]) -> None:
    backend = FakeBackend(published=None)
    result = run(backend, *arguments, stdin="")

    assert result.exit_code == 0
    assert backend.ingested == [Path("corpus")]
    assert result.stderr == "No index in .prospectus yet: building it from corpus …\n"


def test_without_index_and_corpus_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTUS_CORPUS", "no-such-folder")
    result = run(FakeBackend(published=None), "ask", "Fee?")

    assert result.exit_code == 1
    assert "error: There is no index in .prospectus yet, and no corpus at no-such-folder" in result.stderr
    assert "PROSPECTUS_CORPUS" in result.stderr


def test_a_damaged_index_is_reported_and_not_built_over(backend: FakeBackend) -> None:
    backend.opening_fails_with = IndexDamaged("chroma.sqlite3 is missing. Run `prospectus ingest`.")
    result = run(backend, "ask", "Fee?")

    assert result.exit_code == 1
    assert result.stderr == "error: chroma.sqlite3 is missing. Run `prospectus ingest`.\n"
    assert backend.ingested == []


def test_ingest_takes_the_paths_it_is_given_else_the_corpus(backend: FakeBackend, tmp_path: Path) -> None:
    (tmp_path / "a.md").touch()
    result = run(backend, "ingest", "a.md", "corpus")
    assert result.exit_code == 0
    assert result.stdout == (
        "1 document, 1 passage and 2 units of evidence: 0 added, 0 changed, 0 removed, 0 unreadable.\n"
        "0.2 s, 0 vectors reused; generation built published.\n"
    )
    run(backend, "ingest")

    assert backend.ingested == [Path("a.md"), Path("corpus"), Path("corpus")]


def test_files_that_cannot_be_read_are_named_and_the_status_is_1(backend: FakeBackend) -> None:
    backend.unreadable = (UnreadableFile("a.bin", "not text"), UnreadableFile("b.md", "empty"))
    result = run(backend, "ingest", "--json")

    assert result.exit_code == 1
    assert result.stderr == (
        "error: a.bin: not text\nerror: b.md: empty\n"
        "error: 2 files could not be read; the rest is ingested.\n"
    )
    assert json.loads(result.stdout) == {
        "generation": "built",
        "documents": 1,
        "passages": 1,
        "units": 2,
        "reused": 0,
        "changed": True,
        "seconds": 0.25,
        "embedded": 0,
        "embedding_seconds": 0.0,
        "added": [],
        "changed_pages": [],
        "removed": [],
        "facts": [],
        "kept": [],
        "left_out": [],
        "unreadable": [{"path": "a.bin", "reason": "not text"}, {"path": "b.md", "reason": "empty"}],
    }


def test_if_nothing_can_be_read_it_is_an_error_and_the_index_stays(backend: FakeBackend) -> None:
    result = run(backend, "ingest", "no-such-file.md")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "error: Nothing could be read; the index is as it was.\n"
    assert backend.published == "g1"


def test_ingest_tells_the_facts_that_changed_and_then_the_pages(backend: FakeBackend) -> None:
    fees, rooms, visa = PageName("fees", "Fees"), PageName("rooms", "Rooms"), PageName("visa", "Visa")
    backend.changes = Changes(
        added=(visa,),
        changed=(fees,),
        removed=(rooms,),
        facts=(
            FactChange(fees, ("Tuition", "non-EU"), "18,690 EUR", "19,000 EUR"),
            FactChange(fees, ("Fees",), "", "Parking costs 3 EUR."),
            FactChange(fees, ("Deadline",), "1 May", ""),
        ),
    )

    told = run(backend, "ingest").stdout.splitlines()
    assert told[:6] == [
        "Fees: Tuition › non-EU: 18,690 EUR → 19,000 EUR",
        "Fees: (not stated) → Parking costs 3 EUR.",
        "Fees: Deadline: 1 May → (no longer stated)",
        "added: Visa (visa)",
        "changed: Fees (fees)",
        "removed: Rooms (rooms)",
    ]
    assert told[6].endswith(": 1 added, 1 changed, 1 removed, 0 unreadable.")

    record = json.loads(run(backend, "ingest", "--json").stdout)
    assert record["added"] == [{"id": "visa", "title": "Visa"}]
    assert record["facts"][0] == {
        "document_id": "fees",
        "title": "Fees",
        "about": ["Tuition", "non-EU"],
        "before": "18,690 EUR",
        "after": "19,000 EUR",
    }

    told = run(backend, "ingest", "--dry-run").stdout.splitlines()
    assert told[3] == "would be added: Visa (visa)"
    assert told[-1] == "Nothing was changed (0.2 s)."
    assert backend.options[-1].is_dry_run


def test_the_options_of_ingest_reach_it(backend: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROSPECTUS_MOST_DELETIONS", "0.5")
    site = "https://www.example.edu/"
    arguments = ["--crawl", "--depth", "2", "--pages", "9", "--now", "--allow-deletions", "--read-again"]
    assert run(backend, "ingest", site, *arguments).exit_code == 0

    options = backend.options[-1]
    assert backend.ingested == [site]
    assert (options.allows_deletions, options.reads_again, options.most_deletions) == (True, True, 0.5)
    assert (options.web.kind, options.web.depth, options.web.pages) == (SourceKind.CRAWL, 2, 9)
    assert options.web.ask_again
    assert run(backend, "ingest", site, "--crawl", "--sitemap").exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["search", "fee", "--limit", "0"],
        ["serve", "--port", "70000"],
        ["no-such-command"],
        ["ask", "a", "b"],
    ],
)
def test_wrong_usage_is_status_2(backend: FakeBackend, arguments: list[str]) -> None:
    result = run(backend, *arguments)

    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.parametrize("command", [["ask", "Fee?"], ["doctor"], ["serve"], ["ingest"], ["chat"]])
def test_a_bad_setting_is_named_with_its_value(
    backend: FakeBackend, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROSPECTUS_PORT", "eighty")
    result = run(backend, *command)

    assert result.exit_code == 2
    assert result.stderr == (
        "error: PROSPECTUS_PORT is 'eighty', but must be a whole number from 0 (any free port) to 65535.\n"
    )


def test_an_unforeseen_error_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(FakeBackend(failure=ZeroDivisionError()), "ask", "Fee?")


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    program = (
        "import sys; from api.command_line import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print(*(sys.modules.keys() & {'torch', 'chromadb', 'transformers', 'fastapi', 'pydantic', 'numpy'}),"
        " file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert result.stderr.strip() == ""
    for command in ("ingest", "ask", "chat", "search", "serve", "doctor", "--version"):
        assert command in result.stdout


def test_version_is_printed() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "api.command_line", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert re.fullmatch(r"prospectus[ ,].+\n", result.stdout)


def test_output_that_nobody_reads_any_more_is_no_error() -> None:
    program = (
        "import sys; sys.path.insert(0, 'tests/api')\n"
        "from api_fakes import FakeBackend\n"
        "from api.command_line import app\n"
        "app(['ask', 'Fee?'], obj=lambda settings: FakeBackend())"
    )
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        result = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert "Traceback" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_is_shown_on_a_terminal_only_and_without_colours_if_so_asked(tmp_path: Path) -> None:
    import pty

    program = (
        f"import os, sys; sys.path.insert(0, {str(ROOT / 'tests/api')!r})\n"
        "from api_fakes import FakeBackend\n"
        "from api.command_line import app\n"
        "app(['ingest', '--json'], obj=lambda settings: FakeBackend())"
    )
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    ours, theirs = pty.openpty()
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
    )
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    os.close(theirs)

    assert "Embedding" in shown
    assert not re.search(r"\x1b\[(?:\d+;)*3\d", shown)
    assert json.loads(result.stdout)["generation"] == "built"
    assert run(FakeBackend(), "ingest", "--json").stderr == ""


def serving(*arguments: str) -> subprocess.Popen[str]:
    program = (
        "import sys; sys.path.insert(0, 'tests/api')\n"
        "from api_fakes import FakeBackend\n"
        "from api.command_line import app\n"
        f"app(['serve', *{list(arguments)!r}], obj=lambda settings: FakeBackend())"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PROSPECTUS_DATA_DIR": str(Path.cwd() / "data")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_serve_answers_on_the_port_it_names_and_ends_cleanly_on_ctrl_c() -> None:
    server = serving("--port", "0")
    try:
        assert server.stderr is not None
        line = server.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address, line
        request = urllib.request.Request(  # noqa: S310 - an address of this machine
            f"{address[0]}v1/chat", b'{"message": "Fee?"}', {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            assert json.load(response)["outcome"] == "answered"
            assert "server" not in response.headers
        server.send_signal(signal.SIGINT)
        output, errors = server.communicate(timeout=20)
    finally:
        server.kill()
        server.communicate()

    assert server.returncode == 0
    assert output == ""
    assert "Traceback" not in errors


def test_a_port_that_is_taken_is_one_line_and_status_1(backend: FakeBackend) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run(backend, "serve", "--port", str(port))

    assert result.exit_code == 1
    assert re.fullmatch(rf"error: cannot listen on 127\.0\.0\.1, port {port}: .+\n", result.stderr)
    assert backend.opened == []


def test_an_address_that_does_not_exist_is_one_line_and_status_2(backend: FakeBackend) -> None:
    result = run(backend, "serve", "--host", "no such host")

    assert result.exit_code == 2
    assert result.stderr.startswith("error: There is no address 'no such host'.")


def test_a_server_that_others_can_reach_does_not_start_before_it_is_said_who_may_call(
    backend: FakeBackend,
) -> None:
    result = run(backend, "serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - this is refused

    assert result.exit_code == 2
    assert result.stderr.startswith("error: 0.0.0.0 can be reached from other machines")
    assert "PROSPECTUS_ALLOWED_ORIGINS" in result.stderr
    assert result.stderr.count("\n") == 1
    assert backend.opened == []


def test_doctor_has_a_line_for_each_check_and_its_status_follows_from_them(backend: FakeBackend) -> None:
    result = run(backend, "doctor")

    verdicts = dict(re.findall(r"^(?:ok|failed) +(.+?): ()", result.stdout, re.MULTILINE))
    assert list(verdicts) == [
        "Python",
        "packages",
        "data directory",
        "embedding model",
        "index",
        "retrieval",
    ]
    assert result.exit_code == int("failed" in result.stdout)


def test_doctor_names_the_remedy_and_fails() -> None:
    missing = FakeBackend(opening_fails_with=IndexMissing("There is no index in .prospectus."))
    result = run(missing, "doctor")

    assert result.exit_code == 1
    assert (
        "failed  index: There is no index in .prospectus.\n        Run `prospectus ingest`.\n"
        in result.stdout
    )


# widget-snippet


def test_widget_snippet_prints_the_line_and_nothing_else(backend: FakeBackend) -> None:
    result = run(backend, "widget-snippet", "--url", "https://ask.example.edu", "--lang", "nl")

    assert result.exit_code == 0
    assert re.fullmatch(
        r'<script async src="https://ask\.example\.edu/widget\.[0-9a-f]{12}\.js" integrity="sha384-[^"]{64}" '
        r'crossorigin="anonymous" data-lang="nl"></script>\n',
        result.stdout,
    )
    assert "has to be pasted again" in result.stderr


def test_widget_snippet_of_the_latest_script_needs_no_warning(backend: FakeBackend) -> None:
    result = run(backend, "widget-snippet", "--url", "https://ask.example.edu/", "--latest")

    assert result.stdout == '<script async src="https://ask.example.edu/widget.js" data-lang="en"></script>\n'
    assert result.stderr == ""


@pytest.mark.parametrize(("host", "shown"), [("192.0.2.7", "192.0.2.7"), ("::1", "[::1]")])
def test_widget_snippet_without_an_address_names_that_of_the_settings(
    backend: FakeBackend, monkeypatch: pytest.MonkeyPatch, host: str, shown: str
) -> None:
    monkeypatch.setenv("PROSPECTUS_HOST", host)
    monkeypatch.setenv("PROSPECTUS_PORT", "8123")

    result = run(backend, "widget-snippet", "--latest")

    assert f'src="http://{shown}:8123/widget.js"' in result.stdout
    assert "--url" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--url", "ask.example.edu"), "is not the address of a server"),
        (("--url", "https://example.edu", "--lang", "xx"), "Its languages are de, en, es, fr, nl, zh."),
    ],
)
def test_widget_snippet_refuses_what_would_not_work(
    backend: FakeBackend, arguments: tuple[str, ...], complaint: str
) -> None:
    result = run(backend, "widget-snippet", *arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert complaint in result.stderr
