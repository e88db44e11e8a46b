"""Who may call, seen from outside: origins, visitor sessions, API keys, the administrator, and the limits."""

from __future__ import annotations

import base64
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from outside_server import NO_LIMITS, ROOT, OutsideServer, serving, wait_until

from api.callers import Scope
from api.storage.database import open_database
from api.storage.keys import Keys

ORIGIN = "https://www.example.edu"
OTHER = "https://apply.example.edu:8443"
ADMIN_KEY = "admin-0123456789abcdef-0123456789abcdef"
ASKED = {"message": "What is the fee?"}


def prospectus(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROSPECTUS_")}
    environment |= {"PROSPECTUS_DATA_DIR": str(data)}
    environment |= {f"PROSPECTUS_{name}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "api.command_line", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def create_key(data: Path, name: str, *scopes: str) -> str:
    """The secret of a new key."""
    arguments = [each for scope in scopes for each in ("--scope", scope)]
    made = prospectus(data, "keys", "create", name, *arguments)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("door")


@pytest.fixture(scope="module")
def keys(data: Path) -> dict[str, str]:
    """The secrets of keys with these scopes. Made here at once: each command takes a second."""
    database = open_database(data / "data")
    made = {
        name: Keys(database).create(name, scopes)[1]
        for name, scopes in {
            "both": Scope,
            "chat": [Scope.CHAT],
            "search": [Scope.SEARCH],
            "other": Scope,
        }.items()
    }
    database.close()
    return made


@pytest.fixture(scope="module")
def server(data: Path, keys: dict[str, str]) -> Iterator[OutsideServer]:
    with serving(data, **NO_LIMITS, ALLOWED_ORIGINS=f"{ORIGIN},{OTHER}", ADMIN_KEY=ADMIN_KEY) as server:
        yield server


@pytest.fixture
def client(server: OutsideServer) -> Iterator[httpx2.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def guessed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A client of a server without an administrator, on which wrong keys may be tried out."""
    with serving(
        tmp_path_factory.mktemp("guessed"), **NO_LIMITS, ALLOWED_ORIGINS=ORIGIN, API_KEYS="k" * 40
    ) as server:
        with server.client() as client:
            yield client
        assert "Traceback" not in server.logged()


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def session(client: httpx2.Client, origin: str = ORIGIN) -> str:
    response = client.post("/v1/sessions", headers={"Origin": origin})
    assert response.status_code == 201, response.text
    token: str = response.json()["token"]
    return token


def assert_refused(response: httpx2.Response, *statuses: int) -> None:
    assert response.status_code in statuses, (response.status_code, response.text)
    assert response.headers["content-type"].startswith("application/problem+json")
    assert len(response.content) <= 1024


# The rule of origins

NOT_ALLOWED = [
    "https://example.edu",
    "http://www.example.edu",
    "https://www.example.edu:444",
    "https://www.example.edu.evil.org",
    "https://evil-www.example.edu",
    "https://xwww.example.edu",
    "https://wwwxexample.edu",
    "https://www.example.edu/",
    "https://www.example.edu.",
    "https://www.example.edu@evil.org",
    "https://www.example.edu, https://evil.org",
    "https://www.example.edu https://evil.org",
    "https://www.example.edu\thttps://evil.org",
    "https://apply.example.edu",
    "null",
    "*",
    "file://",
    "chrome-extension://abcdef",
    "https://",
    "https://www.example.edu%60.evil.org",
]


@pytest.mark.parametrize("origin", [ORIGIN, OTHER])
def test_a_page_of_an_allowed_origin_may_ask_and_read(client: httpx2.Client, origin: str) -> None:
    preflight = client.options(
        "/v1/chat",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert preflight.status_code in (200, 204)
    assert preflight.headers["access-control-allow-origin"] == origin
    assert "POST" in preflight.headers["access-control-allow-methods"]
    allowed = preflight.headers["access-control-allow-headers"].lower()
    assert "authorization" in allowed
    assert "content-type" in allowed
    assert "origin" in preflight.headers["vary"].lower()
    asked = client.post("/v1/chat", json=ASKED, headers={"Origin": origin, **bearer(session(client, origin))})
    assert asked.status_code == 200, asked.text
    assert asked.headers["access-control-allow-origin"] == origin
    assert "origin" in asked.headers["vary"].lower()


@pytest.mark.parametrize("origin", NOT_ALLOWED)
def test_a_page_of_any_other_origin_may_not(client: httpx2.Client, keys: dict[str, str], origin: str) -> None:
    preflight = client.options(
        "/v1/chat", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
    )
    asked = client.post("/v1/chat", json=ASKED, headers={"Origin": origin, **bearer(keys["both"])})
    opened = client.post("/v1/sessions", headers={"Origin": origin})

    assert_refused(opened, 400, 401, 403)
    for response in (preflight, asked, opened):
        assert "access-control-allow-origin" not in response.headers
        assert "access-control-allow-credentials" not in response.headers


def test_no_answer_is_for_every_origin(client: httpx2.Client, keys: dict[str, str]) -> None:
    for headers in ({}, {"Origin": ORIGIN}, {"Origin": "https://evil.org"}):
        for path in ("/", "/healthz", "/v1/models", "/v1/documents", "/openapi.json", "/nowhere"):
            response = client.get(path, headers={**headers, **bearer(keys["both"])})
            assert response.headers.get("access-control-allow-origin") != "*"
            assert "origin" in response.headers.get("vary", "").lower()


def test_an_error_can_be_read_by_the_page_too(client: httpx2.Client) -> None:
    # Without the header the page sees a failure of the network and cannot say what is wrong.
    for headers in ({}, bearer("nonsense")):
        response = client.post("/v1/chat", json=ASKED, headers={"Origin": ORIGIN, **headers})
        assert response.status_code == 401
        assert response.headers["access-control-allow-origin"] == ORIGIN
    huge = client.post(
        "/v1/chat", content=b" " * 70_000, headers={"Origin": ORIGIN, "Content-Type": "application/json"}
    )
    assert huge.headers["access-control-allow-origin"] == ORIGIN


def test_a_page_can_read_the_headers_that_tell_it_to_wait(client: httpx2.Client) -> None:
    response = client.post("/v1/chat", json=ASKED, headers={"Origin": ORIGIN, **bearer(session(client))})
    exposed = response.headers["access-control-expose-headers"].lower()
    assert "retry-after" in exposed
    assert "x-request-id" in exposed


# Visitors


def test_a_visitor_needs_an_origin_to_begin(client: httpx2.Client) -> None:
    assert_refused(client.post("/v1/sessions"), 400, 401, 403)
    assert_refused(client.post("/v1/chat", json=ASKED), 401)
    assert_refused(client.post("/v1/chat", json=ASKED, headers={"Origin": ORIGIN}), 401)


def test_a_session_is_short_tells_when_it_ends_and_is_never_twice_the_same(client: httpx2.Client) -> None:
    first = client.post("/v1/sessions", headers={"Origin": ORIGIN})
    assert "set-cookie" not in first.headers
    assert first.headers["cache-control"] in ("no-store", "no-cache, no-store")
    assert "expires" in first.text
    assert session(client) != session(client)


def test_a_session_stays_the_same_visitor_when_it_is_renewed(client: httpx2.Client) -> None:
    token = session(client)
    asked = client.post("/v1/chat", json=ASKED, headers={"Origin": ORIGIN, **bearer(token)}).json()
    renewed = client.post("/v1/sessions", headers={"Origin": ORIGIN, **bearer(token)})
    assert renewed.status_code in (200, 201)
    fresh = renewed.json()["token"]
    again = client.post(
        "/v1/chat",
        json={**ASKED, "conversation_id": asked["conversation_id"]},
        headers={"Origin": ORIGIN, **bearer(fresh)},
    )
    assert again.status_code == 200, again.text


def test_a_token_that_was_touched_is_refused(guessed: httpx2.Client, keys: dict[str, str]) -> None:
    token = session(guessed)
    parts = token.split(".")
    forged = {
        token[:-1],
        token + "A",
        token.swapcase(),
        token[::-1],
        ".".join(reversed(parts)),
        ".".join(parts[:-1]),
        ".".join([*parts[:-1], ""]),
        ".".join([*parts[:-1], "A" * len(parts[-1])]),
        *(
            token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
            for at in range(0, len(token) - 1, 5)
        ),
        _unsigned({"alg": "none", "typ": "JWT"}, parts),
        _unsigned({"alg": "HS256", "typ": "JWT"}, parts),
        keys["both"][:-1] + ("A" if keys["both"][-1] != "A" else "B"),
        keys["both"].upper(),
        "visitor:1",
        "admin",
        "local",
        "null",
        "x" * 5000,
        "\u00e9",
        "k" * 39,
        "k" * 41,
    }
    for each in forged - {token}:
        sent = {"Origin": ORIGIN, "Authorization": f"Bearer {each}".encode()}
        response = guessed.post("/v1/chat", json=ASKED, headers=sent)
        # Of what could be the administrator's key only a few are looked at, see below.
        assert_refused(response, 401, 429)
    for right in (bearer("k" * 40), {"Origin": ORIGIN, **bearer(token)}):
        assert guessed.post("/v1/chat", json=ASKED, headers=right).status_code == 200


def _unsigned(header: dict[str, str], parts: list[str]) -> str:
    claims = {"sub": "visitor:1", "id": "admin", "exp": 9_999_999_999, "iat": 1}
    encoded = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in (header, claims)
    ]
    return ".".join([*encoded, "" if header["alg"] == "none" else parts[-1]])


def test_a_token_of_another_server_is_refused(client: httpx2.Client, tmp_path: Path) -> None:
    with (
        serving(tmp_path, **NO_LIMITS, ALLOWED_ORIGINS=ORIGIN) as another,
        another.client() as its_client,
    ):
        token = session(its_client)
    response = client.post("/v1/chat", json=ASKED, headers={"Origin": ORIGIN, **bearer(token)})
    assert_refused(response, 401)


def test_what_signs_the_tokens_can_be_read_by_its_owner_only(server: OutsideServer) -> None:
    secrets = [each for each in server.data.rglob("*") if each.is_file() and "secret" in each.name.lower()]
    assert secrets
    assert all(each.stat().st_mode & 0o077 == 0 for each in secrets)


# Whose conversation


@pytest.fixture
def owners(client: httpx2.Client, keys: dict[str, str]) -> dict[str, dict[str, str]]:
    """The headers of callers of which none may see what another said."""
    return {
        "a visitor": {"Origin": ORIGIN, **bearer(session(client))},
        "another visitor": {"Origin": ORIGIN, **bearer(session(client))},
        "an integration": bearer(keys["both"]),
        "another integration": bearer(keys["other"]),
        "nobody": {},
    }


def test_nobody_reads_continues_rates_or_deletes_what_another_said(
    client: httpx2.Client, owners: dict[str, dict[str, str]]
) -> None:
    message = "My name is Canary7319, what is the fee?"
    for owner, own in owners.items():
        if owner == "nobody":
            continue
        reply = client.post("/v1/chat", json={"message": message}, headers=own).json()
        conversation = f"/v1/conversations/{reply['conversation_id']}"
        feedback = f"/v1/messages/{reply['message_id']}/feedback"
        continued = {"message": "And for me?", "conversation_id": reply["conversation_id"]}
        for other, headers in owners.items():
            if other == owner:
                continue
            refusals = (401,) if other == "nobody" else (404,)
            for response in (
                client.get(conversation, headers=headers),
                client.put(feedback, json={"rating": "down"}, headers=headers),
                client.delete(conversation, headers=headers),
                client.post("/v1/chat", json=continued, headers=headers),
                client.post("/v1/chat", json={**continued, "stream": True}, headers=headers),
            ):
                assert_refused(response, *refusals)
                assert "Canary7319" not in response.text
            if other != "nobody":
                unknown = client.get("/v1/conversations/AAAAAAAAAAAAAAAAAAAAAA", headers=headers)
                known = client.get(conversation, headers=headers)
                assert _without_ids(known) == _without_ids(unknown)
        assert client.post("/v1/chat", json=continued, headers=own).status_code == 200
        exported = client.get(conversation, headers=own)
        assert exported.text.count("Canary7319") >= 1
        assert '"down"' not in exported.text


def _without_ids(response: httpx2.Response) -> tuple[int, dict[str, Any]]:
    body = response.json()
    return response.status_code, {key: value for key, value in body.items() if "id" not in key}


def test_a_foreign_conversation_is_not_told_from_an_unknown_one_by_time(
    client: httpx2.Client, owners: dict[str, dict[str, str]]
) -> None:
    reply = client.post("/v1/chat", json=ASKED, headers=owners["an integration"]).json()
    times: dict[str, list[float]] = {"foreign": [], "unknown": []}
    for _ in range(40):
        for name, found in (("foreign", reply["conversation_id"]), ("unknown", "A" * 22)):
            start = time.perf_counter()
            client.get(f"/v1/conversations/{found}", headers=owners["another integration"])
            times[name].append(time.perf_counter() - start)
    slower, faster = sorted(map(statistics.median, times.values()), reverse=True)
    assert slower < 10 * faster


# Integrations


def test_a_key_opens_what_its_scopes_name(client: httpx2.Client, keys: dict[str, str]) -> None:
    query = {"query": "fee"}
    for name, chat, search in (("both", 200, 200), ("chat", 200, 403), ("search", 403, 200)):
        headers = bearer(keys[name])
        asked = client.post("/v1/chat", json=ASKED, headers=headers)
        found = client.post("/v1/search", json=query, headers=headers)
        assert (asked.status_code, found.status_code) == (chat, search)
        for response in (asked, found):
            if response.status_code == 403:
                assert_refused(response, 403)
    completion = {"model": "x", "messages": [{"role": "user", "content": "Fee?"}]}
    refused = client.post("/v1/chat/completions", json=completion, headers=bearer(keys["search"]))
    assert refused.status_code == 403
    assert set(refused.json()) == {"error"}


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Basic YWRtaW46YWRtaW4=",
        "bearer  x",
        "Token abc",
        "Bearer a b",
        "Bearer ,",
        "x" * 4000,
    ],
)
def test_no_or_an_odd_authorization_is_a_401_that_says_how(client: httpx2.Client, authorization: str) -> None:
    for method, path, body in (
        ("POST", "/v1/chat", ASKED),
        ("POST", "/v1/search", {"query": "fee"}),
        ("GET", "/v1/documents", None),
        ("GET", "/v1/conversations/AAAAAAAAAAAAAAAAAAAAAA", None),
    ):
        response = client.request(method, path, json=body, headers={"Authorization": authorization})
        assert_refused(response, 401)
        assert response.headers["www-authenticate"].startswith("Bearer")
    error = client.get("/v1/models", headers={"Authorization": authorization})
    assert error.status_code == 401
    assert set(error.json()) == {"error"}


def test_the_caller_is_asked_for_before_the_body_is_judged(client: httpx2.Client) -> None:
    assert_refused(client.post("/v1/chat", json={"nonsense": 1}), 401)


def test_a_key_in_the_address_is_not_taken(client: httpx2.Client, keys: dict[str, str]) -> None:
    # Addresses stand in logs, histories and referrers.
    for name in ("api_key", "key", "token", "access_token", "authorization"):
        response = client.get(f"/v1/documents?{name}={keys['both']}")
        assert_refused(response, 401, 422)


def test_a_revoked_key_opens_nothing_any_more(server: OutsideServer, client: httpx2.Client) -> None:
    secret = create_key(server.data, "for a short time", "chat")
    wait_until(lambda: client.post("/v1/chat", json=ASKED, headers=bearer(secret)).status_code == 200)
    listed = prospectus(server.data, "keys", "list").stdout
    assert secret not in listed
    line = next(each for each in listed.splitlines() if "for a short time" in each)
    identifiers = [each for each in re.findall(r"[\w-]+", line) if each in secret and len(each) > 5]
    revoked = prospectus(server.data, "keys", "revoke", identifiers[0])
    assert revoked.returncode == 0, revoked.stderr

    wait_until(lambda: client.post("/v1/chat", json=ASKED, headers=bearer(secret)).status_code == 401)


def test_no_secret_stands_in_the_data_directory_or_in_the_log(
    server: OutsideServer, client: httpx2.Client, keys: dict[str, str]
) -> None:
    token = session(client)
    for secret in (*keys.values(), token, ADMIN_KEY):
        client.post("/v1/chat", json=ASKED, headers={"Origin": ORIGIN, **bearer(secret)})
        client.get(f"/v1/documents?key={secret}")
    kept = b"".join(each.read_bytes() for each in server.data.rglob("*") if each.is_file())
    for secret in (*keys.values(), token, ADMIN_KEY):
        assert secret.encode() not in kept
        assert secret not in server.logged()


# The administrator


def test_the_administrator_reads_any_conversation_and_it_is_logged(
    server: OutsideServer, client: httpx2.Client, keys: dict[str, str]
) -> None:
    reply = client.post("/v1/chat", json=ASKED, headers=bearer(keys["both"])).json()
    read = client.get(f"/v1/conversations/{reply['conversation_id']}", headers=bearer(ADMIN_KEY))

    assert read.status_code == 200
    assert any("admin" in line.lower() for line in server.logged().splitlines())


def test_guesses_at_the_admin_key_are_throttled_and_the_right_one_still_works_for_others(
    tmp_path: Path,
) -> None:
    settings = {**NO_LIMITS, "ADMIN_KEY": ADMIN_KEY, "ALLOWED_ORIGINS": ORIGIN}
    with serving(tmp_path, **settings) as server, server.client() as client:
        statuses = []
        for number in range(40):
            response = client.get("/metrics", headers=bearer(f"admin-guess-{number}"))
            statuses.append(response.status_code)
        assert set(statuses) <= {401, 403, 429}
        assert 429 in statuses
        assert int(response.headers["retry-after"]) >= 1


# Limits


def test_one_request_too_many_is_a_429_that_says_when_to_come_back(tmp_path: Path) -> None:
    with serving(tmp_path, RATE_LIMIT="3/minute") as server, server.client() as client:
        responses = [client.post("/v1/chat", json=ASKED) for _ in range(5)]

        assert [each.status_code for each in responses] == [200, 200, 200, 429, 429]
        refused = responses[-1]
        assert_refused(refused, 429)
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert "ratelimit" in refused.headers
        assert "ratelimit-policy" in refused.headers
        remaining = [int(re.search(r"\br=(\d+)", each.headers["ratelimit"])[1]) for each in responses]  # type: ignore[index]
        assert remaining == [2, 1, 0, 0, 0]
        assert client.get("/healthz").status_code == 200  # which is not counted
        completion = {"model": "x", "messages": [{"role": "user", "content": "Fee?"}]}
        error = client.post("/v1/chat/completions", json=completion)
        assert error.status_code == 429
        assert set(error.json()) == {"error"}
        assert error.headers["retry-after"]


def test_a_new_session_gives_no_new_allowance(tmp_path: Path) -> None:
    with (
        serving(tmp_path, RATE_LIMIT="5/minute", ALLOWED_ORIGINS=ORIGIN) as server,
        server.client() as client,
    ):
        statuses: list[int] = []
        for _ in range(60):
            opened = client.post("/v1/sessions", headers={"Origin": ORIGIN})
            if opened.status_code == 429:
                statuses.append(429)
                break
            token = opened.json()["token"]
            asked = client.post("/v1/chat", json=ASKED, headers={"Origin": ORIGIN, **bearer(token)})
            statuses.append(asked.status_code)
        assert statuses[0] == 200
        assert 429 in statuses


def test_behind_a_trusted_proxy_each_client_has_an_allowance_of_its_own(tmp_path: Path) -> None:
    settings = {"RATE_LIMIT": "100/minute", "RATE_LIMIT_ADDRESS": "2/minute", "TRUSTED_PROXIES": "127.0.0.1"}
    with serving(tmp_path, **settings) as server, server.client() as client:

        def asked_for(forwarded: str) -> int:
            return client.post("/v1/chat", json=ASKED, headers={"X-Forwarded-For": forwarded}).status_code

        # What stands left of the address that the proxy saw is only what the client says.
        first = [asked_for(f"198.51.100.{number}, 203.0.113.1") for number in range(3)]
        second = [asked_for("203.0.113.2") for _ in range(3)]
        assert first == second == [200, 200, 429]


def test_a_made_up_forwarded_address_gives_no_new_allowance(tmp_path: Path) -> None:
    with serving(tmp_path, RATE_LIMIT="3/minute") as server, server.client() as client:
        statuses = []
        for number in range(6):
            headers = {
                "X-Forwarded-For": f"203.0.113.{number}",
                "Forwarded": f"for=203.0.113.{number}",
                "X-Real-IP": f"203.0.113.{number}",
                "X-Forwarded-Proto": "https",
                "CF-Connecting-IP": f"203.0.113.{number}",
            }
            statuses.append(client.post("/v1/chat", json=ASKED, headers=headers).status_code)
        assert statuses == [200] * 3 + [429] * 3
        assert "203.0.113." not in server.logged()


# The machine that it runs on


def test_a_page_that_makes_its_name_stand_for_this_machine_gets_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, **NO_LIMITS) as server, server.client() as client:
        conversation = client.post("/v1/chat", json=ASKED).json()["conversation_id"]
        for name in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil"):
            headers = {"Host": name, "Origin": f"http://{name}"}
            for response in (
                client.post("/v1/chat", json=ASKED, headers=headers),
                client.get("/v1/documents", headers=headers),
                client.get(f"/v1/conversations/{conversation}", headers=headers),
                client.get("/metrics", headers=headers),
            ):
                assert_refused(response, 403)
        assert client.get("/v1/documents", headers={"Host": "localhost:1"}).status_code == 200


def test_what_people_asked_can_be_read_by_the_servers_own_user_only(
    server: OutsideServer, client: httpx2.Client, keys: dict[str, str]
) -> None:
    client.post("/v1/chat", json=ASKED, headers=bearer(keys["both"]))
    kept = list(server.data.glob("*.sqlite3*"))
    assert kept
    assert all(each.stat().st_mode & 0o077 == 0 for each in kept)


# Starting


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104 - that it refuses this is what is tested
def test_an_address_others_can_reach_is_refused_without_keys_or_origins(tmp_path: Path, host: str) -> None:
    found = prospectus(tmp_path, "serve", "--host", host, "--port", "0")

    assert found.returncode == 2
    assert found.stdout == ""
    assert len(found.stderr.strip().splitlines()) == 1
    assert "PROSPECTUS_ALLOWED_ORIGINS" in found.stderr


@pytest.mark.parametrize(
    "origins", ["*", "https://*.example.edu", "www.example.edu", "https://www.example.edu/page", "null"]
)
def test_an_origin_that_is_none_is_refused_at_the_start(tmp_path: Path, origins: str) -> None:
    found = prospectus(tmp_path, "serve", "--port", "0", ALLOWED_ORIGINS=origins)

    assert found.returncode == 2
    assert len(found.stderr.strip().splitlines()) == 1
    assert "ALLOWED_ORIGINS" in found.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE_LIMIT", "many"),
        ("RATE_LIMIT", "0/minute"),
        ("RATE_LIMIT", "-1/minute"),
        ("ADMIN_KEY", "short"),
        ("TRUSTED_PROXIES", "nonsense"),
        ("RETENTION_DAYS", "0"),
        ("DATABASE_URL", "nonsense"),
    ],
)
def test_a_setting_that_cannot_work_ends_the_start_with_one_line(
    tmp_path: Path, name: str, value: str
) -> None:
    found = prospectus(tmp_path, "serve", "--port", "0", **{name: value})

    assert found.returncode == 2, found.stderr
    assert len(found.stderr.strip().splitlines()) == 1
    assert name in found.stderr


def test_behind_an_address_of_all_what_tells_about_the_server_needs_the_admin_key(tmp_path: Path) -> None:
    settings = {**NO_LIMITS, "ALLOWED_ORIGINS": ORIGIN, "ADMIN_KEY": ADMIN_KEY}
    with (
        serving(tmp_path, "--host", "0.0.0.0", **settings) as server,  # noqa: S104 - this is what is tested
        server.client() as client,
    ):
        assert client.get("/healthz").status_code == 200
        assert_refused(client.get("/metrics"), 401, 403)
        assert client.get("/metrics", headers=bearer(ADMIN_KEY)).status_code == 200
        assert client.get("/readyz").status_code == 200
        assert "g1" not in client.get("/readyz").text
        assert "g1" in client.get("/readyz", headers=bearer(ADMIN_KEY)).text
