from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.door import Door
from api.limits import RateLimits, Rates, TooManyRequests, _Counters, parse_rate
from api.service import Service
from api.settings import Settings

QUESTION = {"message": "What is the fee?"}


def limited(service: Service, **limits: str) -> TestClient:
    return TestClient(create_app(service, door=Door(Settings(**limits))))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "amount", "seconds"),
    [("60/minute", 60, 60), ("1000 per 2 hours", 1000, 7200), ("5/day", 5, 86_400)],
)
def test_a_rate_is_a_number_and_a_time(text: str, amount: int, seconds: int) -> None:
    rate = parse_rate(text)

    assert (rate.amount, rate.get_expiry()) == (amount, seconds)


@pytest.mark.parametrize(
    "text", ["", "60", "0/minute", "-1/minute", "60/fortnight", "60/minute;1/hour", "many"]
)
def test_what_is_no_single_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_rate(text)


def test_rates_that_are_not_set_follow_the_one_that_is() -> None:
    rates = Rates.of("7/minute")
    assert [(each.amount, each.get_expiry()) for each in (rates.address, rates.all)] == [(35, 60), (350, 60)]

    rates = Rates.of("7/minute", "8/hour", "9/day")
    assert [(each.amount, each.get_expiry()) for each in (rates.address, rates.all)] == [
        (8, 3600),
        (9, 86_400),
    ]


def test_every_counted_reply_says_what_is_left_and_one_too_many_when_to_come_back(service: Service) -> None:
    with limited(service, rate_limit="2/minute", rate_limit_address="5/hour") as client:
        responses = [client.post("/v1/chat", json=QUESTION) for _ in range(3)]

    assert [each.status_code for each in responses] == [200, 200, 429]
    first, _, refused = responses
    assert first.headers["ratelimit-policy"] == '"caller";q=2;w=60, "address";q=5;w=3600'
    assert re.fullmatch(r'"caller";r=1;t=(60|59), "address";r=4;t=(3600|3599)', first.headers["ratelimit"])
    assert refused.headers["ratelimit-policy"] == '"caller";q=2;w=60'
    assert re.fullmatch(r'"caller";r=0;t=\d+', refused.headers["ratelimit"])
    assert 58 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["content-type"] == "application/problem+json"


def test_after_as_long_as_it_said_the_next_request_is_answered(service: Service) -> None:
    with limited(service, rate_limit="1/second") as client:
        assert client.get("/v1/documents").status_code == 200
        refused = client.get("/v1/documents")
        assert refused.status_code == 429
        time.sleep(int(refused.headers["retry-after"]))
        assert client.get("/v1/documents").status_code == 200


@pytest.mark.parametrize("limit", ["rate_limit_address", "rate_limit_all"])
def test_the_limits_of_an_address_and_of_all_hold_too(service: Service, limit: str) -> None:
    with limited(service, **{limit: "2/hour"}) as client:
        responses = [client.get("/v1/documents") for _ in range(3)]

    assert [each.status_code for each in responses] == [200, 200, 429]
    assert int(responses[2].headers["retry-after"]) > 3000


def test_counters_do_not_pile_up_and_are_gone_when_their_time_is_over() -> None:
    async def flood() -> tuple[int, int]:
        limits = RateLimits(Rates.of("5/hour", everyone="100/hour"))
        for number in range(300):
            with suppress(TooManyRequests):
                await limits.count(f"caller {number}", f"address {number}")
        counters = limits._limiter.storage
        assert isinstance(counters, _Counters)
        most = len(counters.storage)
        counters.expirations.update(dict.fromkeys(counters.expirations, 0.0))
        counters._swept_at = 0
        await limits.count("caller", "address")
        return most, len(counters.storage)

    assert asyncio.run(flood()) == (201, 3)  # 100 callers, their addresses, and all


def test_a_body_that_does_not_fit_is_counted_and_told_only_within_the_limit(service: Service) -> None:
    with limited(service, rate_limit="1/hour") as client:
        assert [client.post("/v1/chat", json={}).status_code for _ in range(2)] == [422, 429]


def test_what_machines_look_at_is_not_counted(service: Service) -> None:
    with limited(service, rate_limit="1/hour") as client:
        for path in ("/healthz", "/readyz", "/", "/openapi.json"):
            assert [client.get(path).status_code for _ in range(3)] == [200, 200, 200]
