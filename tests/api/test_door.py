from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.callers import Scope
from api.door import Door, name_of
from api.service import Service
from api.settings import BadSetting, Settings

ORIGIN = "https://www.example.edu"
OTHER = "https://apply.example.edu"
ADMIN_KEY = "the-administrators-key"
ENVIRONMENT_KEY = "k" * 32
CHAT_KEY = "pk_0123456789ab_chat"
SEARCH_KEY = "pk_0123456789ab_search"
QUESTION = {"message": "What is the fee?"}


@dataclass(frozen=True)
class Key:
    id: str
    scopes: frozenset[Scope]
    created_at: datetime = datetime(2026, 11, 23, tzinfo=UTC)


class KeysInMemory:
    """Keys by their secret; those that are revoked are only listed."""

    def __init__(self, **kept: Scope) -> None:
        self.valid = {secret: Key(f"id-of-{scope}", frozenset({scope})) for secret, scope in kept.items()}
        self.ever = list(self.valid.values())

    def all(self) -> list[Key]:
        return self.ever

    def find(self, secret: str) -> Key | None:
        return self.valid.get(secret)


def settings(tmp_path: Path, **given: object) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path, "rate_limit": "10000/minute", **given})


@pytest.fixture
def keys() -> KeysInMemory:
    return KeysInMemory(**{CHAT_KEY: Scope.CHAT, SEARCH_KEY: Scope.SEARCH})


@pytest.fixture
def guarded(service: Service, keys: KeysInMemory, tmp_path: Path) -> Iterator[TestClient]:
    configured = settings(
        tmp_path, allowed_origins=(ORIGIN, OTHER), api_keys=(ENVIRONMENT_KEY,), admin_key=ADMIN_KEY
    )
    with TestClient(create_app(service, door=Door(configured, keys))) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def session(client: TestClient, origin: str = ORIGIN, **headers: str) -> str:
    response = client.post("/v1/sessions", headers={"Origin": origin, **headers})
    assert response.status_code == 201
    token: str = response.json()["token"]
    return token


# Open or not


def test_with_nothing_set_up_everyone_on_this_machine_is_let_in_whatever_they_send(
    client: TestClient,
) -> None:
    for headers in (
        {},
        bearer("sk-anything"),
        {"Authorization": "Basic eDp5"},
        {"Origin": "https://x.example"},
    ):
        assert client.post("/v1/chat", json=QUESTION, headers=headers).status_code == 200
        assert client.get("/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "given", [{"allowed_origins": (ORIGIN,)}, {"api_keys": (ENVIRONMENT_KEY,)}, {"admin_key": ADMIN_KEY}]
)
def test_whatever_is_set_up_closes_the_door(
    service: Service, tmp_path: Path, given: dict[str, object]
) -> None:
    door = Door(settings(tmp_path, **given))

    assert not door.is_open
    with TestClient(create_app(service, door=door)) as client:
        response = client.post("/v1/chat", json=QUESTION)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_revoking_the_last_key_does_not_open_the_door(tmp_path: Path, keys: KeysInMemory) -> None:
    keys.valid.clear()

    assert not Door(settings(tmp_path), keys).is_open


def test_a_server_for_others_does_not_start_before_there_is_somebody_to_let_in(
    tmp_path: Path, keys: KeysInMemory
) -> None:
    with pytest.raises(BadSetting, match=r"^0\.0\.0\.0 can be reached .+PROSPECTUS_ALLOWED_ORIGINS"):
        Door(settings(tmp_path), is_local=False, host="0.0.0.0")  # noqa: S104
    with pytest.raises(BadSetting, match="can be reached"):  # who could only look at figures answers nobody
        Door(settings(tmp_path, admin_key=ADMIN_KEY), is_local=False)
    assert not Door(settings(tmp_path), keys, is_local=False).is_open
    assert not Door(settings(tmp_path, allowed_origins=(ORIGIN,)), is_local=False).is_open


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("rebound.evil.example:8000", 403),
        ("localhost.evil.example", 403),
        ("[", 403),
        ("", 403),
    ],
)
def test_an_open_door_is_found_under_the_names_of_this_machine_only(
    service: Service, tmp_path: Path, host: str, status: int
) -> None:
    door = Door(settings(tmp_path), names={"localhost", "127.0.0.1", "::1"})
    with TestClient(create_app(service, door=door)) as client:
        assert client.get("/v1/documents", headers={"Host": host}).status_code == status


def test_the_name_stands_before_the_port() -> None:
    assert [name_of(each) for each in ("a:1", "a", "[::1]:1", "[::1]")] == ["a", "a", "::1", "::1"]


# Kinds of callers


@pytest.mark.parametrize(
    ("token", "chat", "search", "documents", "metrics"),
    [
        (CHAT_KEY, 200, 403, 200, 403),
        (SEARCH_KEY, 403, 200, 200, 403),
        (ENVIRONMENT_KEY, 200, 200, 200, 403),
        (ADMIN_KEY, 200, 200, 200, 200),
    ],
)
def test_a_key_opens_what_its_scopes_say(
    guarded: TestClient, token: str, chat: int, search: int, documents: int, metrics: int
) -> None:
    headers = bearer(token)

    assert guarded.post("/v1/chat", json=QUESTION, headers=headers).status_code == chat
    assert guarded.post("/v1/search", json={"query": "fee"}, headers=headers).status_code == search
    assert guarded.get("/v1/documents", headers=headers).status_code == documents
    assert guarded.get("/metrics", headers=headers).status_code == metrics


def test_a_visitor_may_chat_and_read_documents_and_no_more(guarded: TestClient) -> None:
    headers = {"Origin": ORIGIN, **bearer(session(guarded))}

    assert guarded.post("/v1/chat", json=QUESTION, headers=headers).status_code == 200
    assert guarded.get("/v1/documents", headers=headers).status_code == 200
    assert guarded.post("/v1/search", json={"query": "fee"}, headers=headers).status_code == 403
    assert guarded.get("/metrics", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer ,",
        "Bearer a, Bearer b",
        "Basic dXNlcjpwYXNz",
        "Token x",
        ADMIN_KEY,
        "Bearer wrong",
        "Bearer pk_0123456789ab_wrong",
        "Bearer vs_wrong",
        f"Bearer {ADMIN_KEY}x",
        f"Bearer {ADMIN_KEY[:-1]}",
    ],
)
def test_what_is_no_key_is_a_401(guarded: TestClient, authorization: str) -> None:
    response = guarded.get("/v1/documents", headers={"Authorization": authorization})

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.headers["content-type"] == "application/problem+json"
    assert "wrong" not in response.text


def test_two_keys_at_once_are_none(guarded: TestClient) -> None:
    twice = [("Authorization", f"Bearer {CHAT_KEY}"), ("Authorization", f"Bearer {ADMIN_KEY}")]

    assert guarded.get("/v1/documents", headers=twice).status_code == 401


def test_a_revoked_key_is_a_401_at_once(guarded: TestClient, keys: KeysInMemory) -> None:
    assert guarded.get("/v1/documents", headers=bearer(CHAT_KEY)).status_code == 200
    del keys.valid[CHAT_KEY]

    assert guarded.get("/v1/documents", headers=bearer(CHAT_KEY)).status_code == 401


def test_the_caller_is_asked_for_before_fields_are_judged_and_after_the_body_was_read(
    guarded: TestClient,
) -> None:
    assert guarded.post("/v1/chat", json={}).status_code == 401
    assert guarded.post("/v1/chat", json={}, headers=bearer(CHAT_KEY)).status_code == 422
    not_json = {"Content-Type": "application/json"}
    assert guarded.post("/v1/chat", content=b"{", headers=not_json).status_code == 400


def test_errors_at_the_door_are_in_the_language_of_the_route(guarded: TestClient) -> None:
    asked = {"model": "prospectus", "messages": [{"role": "user", "content": "Fee?"}]}
    response = guarded.post("/v1/chat/completions", json=asked)

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "invalid_api_key"


# Sessions


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ORIGIN}, {OTHER}", "", None])
def test_a_session_is_for_pages_of_allowed_origins(guarded: TestClient, origin: str | None) -> None:
    response = guarded.post("/v1/sessions", headers={} if origin is None else {"Origin": origin})

    assert response.status_code == 403
    assert "token" not in response.json()


def test_on_an_open_server_there_are_no_sessions(client: TestClient) -> None:
    assert client.post("/v1/sessions", headers={"Origin": ORIGIN}).status_code == 403


def test_a_token_is_good_for_the_page_that_it_was_given_to(guarded: TestClient) -> None:
    token = session(guarded)

    assert guarded.get("/v1/documents", headers=bearer(token)).status_code == 200  # the server's own page
    assert guarded.get("/v1/documents", headers={"Origin": OTHER, **bearer(token)}).status_code == 403


def test_a_renewed_session_goes_on_with_its_conversation_and_a_new_one_does_not(guarded: TestClient) -> None:
    first = session(guarded)
    started = guarded.post("/v1/chat", json=QUESTION, headers=bearer(first)).json()
    follow_up = {**QUESTION, "conversation_id": started["conversation_id"]}

    renewed = session(guarded, **bearer(first))
    assert guarded.post("/v1/chat", json=follow_up, headers=bearer(renewed)).status_code == 200
    stranger = session(guarded)
    assert guarded.post("/v1/chat", json=follow_up, headers=bearer(stranger)).status_code == 404


def test_an_expired_session_is_told_apart_from_a_wrong_one(service: Service, tmp_path: Path) -> None:
    door = Door(settings(tmp_path, allowed_origins=(ORIGIN,)))
    assert door.sessions is not None
    door.sessions.lifetime_seconds = -1
    with TestClient(create_app(service, door=door)) as client:
        token = session(client)
        response = client.get("/v1/documents", headers=bearer(token))
        renewal = client.post("/v1/sessions", headers={"Origin": ORIGIN, **bearer(token)})

    assert response.status_code == renewal.status_code == 401
    assert "expired" in response.json()["detail"]


def test_an_origin_taken_off_the_list_ends_its_sessions(service: Service, tmp_path: Path) -> None:
    secret = "s" * 32
    before = Door(settings(tmp_path, allowed_origins=(ORIGIN, OTHER), session_secret=secret))
    after = Door(settings(tmp_path, allowed_origins=(OTHER,), session_secret=secret))
    assert before.sessions is not None
    token = before.sessions.start(ORIGIN)
    with TestClient(create_app(service, door=after)) as client:
        assert client.get("/v1/documents", headers=bearer(token)).status_code == 403


# The administrator


def test_after_ten_wrong_keys_even_the_right_one_has_to_wait_and_other_callers_do_not(
    guarded: TestClient,
) -> None:
    wrong = [guarded.get("/metrics", headers=bearer(f"guess-number-{n}")) for n in range(11)]

    assert [each.status_code for each in wrong] == [401] * 10 + [429]
    late = guarded.get("/metrics", headers=bearer(ADMIN_KEY))
    assert late.status_code == 429
    assert 1 <= int(late.headers["retry-after"]) <= 60
    for token in (CHAT_KEY, ENVIRONMENT_KEY, session(guarded)):
        assert guarded.get("/v1/documents", headers=bearer(token)).status_code == 200


def test_tokens_that_can_be_no_administrators_key_are_no_guesses_at_it(guarded: TestClient) -> None:
    for number in range(12):
        assert guarded.get("/metrics", headers=bearer(f"vs_{number}")).status_code == 401
        assert guarded.get("/metrics", headers=bearer(f"pk_{number}")).status_code == 401

    assert guarded.get("/metrics", headers=bearer(ADMIN_KEY)).status_code == 200


def test_the_use_of_the_administrators_key_is_logged_without_it(
    guarded: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="api")
    guarded.get("/metrics", headers=bearer(ADMIN_KEY))

    (used,) = [each for each in caplog.records if "administrator" in each.getMessage()]
    assert vars(used)["route"] == "/metrics"
    assert ADMIN_KEY not in str([vars(each) for each in caplog.records])


def test_refused_requests_are_limited_too(service: Service, keys: KeysInMemory, tmp_path: Path) -> None:
    door = Door(settings(tmp_path, rate_limit="3/minute"), keys)
    with TestClient(create_app(service, door=door)) as client:
        assert [client.get("/v1/documents").status_code for _ in range(4)] == [401, 401, 401, 429]
        assert client.get("/v1/documents", headers=bearer(CHAT_KEY)).status_code == 200


def test_behind_a_proxy_clients_are_counted_by_what_the_proxy_saw(service: Service, tmp_path: Path) -> None:
    class Peer:
        """Gives each request the address of the proxy, as uvicorn would."""

        def __init__(self, app: object) -> None:
            self.app = app

        async def __call__(self, scope: dict[str, object], receive: object, send: object) -> None:
            await self.app({**scope, "client": ("10.0.0.1", 1)}, receive, send)  # type: ignore[operator]

    configured = settings(
        tmp_path, api_keys=(ENVIRONMENT_KEY,), trusted_proxies=("10.0.0.1",), rate_limit="2/minute"
    )
    with TestClient(Peer(create_app(service, door=Door(configured)))) as client:  # type: ignore[arg-type]
        one = [
            client.get("/v1/documents", headers={"X-Forwarded-For": f"1.1.1.{n}, 203.0.113.1"})
            for n in range(3)
        ]
        other = client.get("/v1/documents", headers={"X-Forwarded-For": "203.0.113.2"})

    assert [each.status_code for each in one] == [401, 401, 429]
    assert other.status_code == 401
