"""How often a caller, an address and all together may call; kept in the memory of this process."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Self

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

Rate = RateLimitItem

_SWEEP_SECONDS = 10.0

FAILED_KEYS = "10/minute"
"""Wrong keys from one address, after which no key of it is compared with the administrator's any more."""


def parse_rate(text: str) -> Rate:
    """A rate such as "60/minute" or "1000 per 2 hours". Raises: ValueError."""
    rates = parse_many(text)
    if len(rates) != 1 or rates[0].amount < 1:
        raise ValueError("a rate is written as 60/minute")
    return rates[0]


class TooManyRequests(Exception):
    """A request over a limit. ``headers`` say when the next one is within it."""

    def __init__(self, message: str, headers: dict[str, str]) -> None:
        super().__init__(message)
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Rates:
    """The most requests for each caller, for each address, and for all together."""

    caller: Rate
    address: Rate
    all: Rate

    @classmethod
    def of(cls, caller: str, address: str | None = None, everyone: str | None = None) -> Self:
        """Those rates; where one is not given, a multiple of the first: several people share an address."""
        base = parse_rate(caller)
        return cls(
            base,
            parse_rate(address) if address else _times(base, 5),
            parse_rate(everyone) if everyone else _times(base, 50),
        )


def _times(rate: Rate, factor: int) -> Rate:
    return type(rate)(rate.amount * factor, rate.multiples)


class _Counters(MemoryStorage):
    """Counters in memory. The library's own look at all of them with each request to find those expired:
    18 ms a request with 20,000 of them. Here it is once in ``_SWEEP_SECONDS``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._swept_at = 0.0

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        # Nothing is awaited here, so that nothing comes between reading and writing.
        now = time.time()
        if now - self._swept_at > _SWEEP_SECONDS:
            self._sweep(now)
        if self.expirations.get(key, 0) <= now:
            self.storage[key] = 0
            self.expirations[key] = now + expiry
        self.storage[key] += amount
        return self.storage[key]

    def _sweep(self, now: float) -> None:
        self._swept_at = now
        for key in [key for key, end in self.expirations.items() if end <= now]:
            del self.expirations[key]
            self.storage.pop(key, None)


def _seconds_until(moment: float) -> int:
    return max(1, math.ceil(moment - time.time()))


class RateLimits:
    """Counts requests in fixed windows, each beginning with the first request in it."""

    # Fixed windows: what Retry-After promises is then exact, where sliding ones can only estimate it.

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._limiter = FixedWindowRateLimiter(_Counters())
        self._failed_keys = parse_rate(FAILED_KEYS)

    async def count(self, caller: str, address: str) -> dict[str, str]:
        """Counts one request, and gives the headers that tell the caller what is left.

        Raises:
            TooManyRequests: the request is over one of the limits.
        """
        # First and without counting: who is refused here leaves no counter behind, so that however many
        # callers come, there are never more counters than twice the requests that all may send.
        if not await self._limiter.test(self._rates.all, "all"):
            raise await self._refusal("all")
        left: dict[str, tuple[int, int]] = {}
        for name, rate, counted in (
            ("caller", self._rates.caller, caller),
            ("address", self._rates.address, address),
        ):
            if not await self._limiter.hit(rate, name, counted):
                raise await self._refusal(name, counted)
            stats = await self._limiter.get_window_stats(rate, name, counted)
            left[name] = (stats.remaining, _seconds_until(stats.reset_time))
        # How busy the others keep the server is nobody's business: this is counted and not told.
        await self._limiter.hit(self._rates.all, "all")
        return self._headers(left)

    async def _refusal(self, name: str, *counted: str) -> TooManyRequests:
        stats = await self._limiter.get_window_stats(self._rate(name), name, *counted)
        seconds = _seconds_until(stats.reset_time)
        headers = {**self._headers({name: (0, seconds)}), "Retry-After": str(seconds)}
        return TooManyRequests(_REFUSALS[name], headers)

    def _rate(self, name: str) -> Rate:
        return {"caller": self._rates.caller, "address": self._rates.address, "all": self._rates.all}[name]

    async def count_failed_key(self, address: str) -> None:
        """Counts a key that was none."""
        await self._limiter.hit(self._failed_keys, "failed keys", address)

    async def check_failed_keys(self, address: str) -> None:
        """Raises: TooManyRequests: too many keys from this address were none."""
        if not await self._limiter.test(self._failed_keys, "failed keys", address):
            stats = await self._limiter.get_window_stats(self._failed_keys, "failed keys", address)
            headers = {"Retry-After": str(_seconds_until(stats.reset_time))}
            raise TooManyRequests("Too many wrong keys came from this address.", headers)

    def _headers(self, left: dict[str, tuple[int, int]]) -> dict[str, str]:
        """The two fields of draft-ietf-httpapi-ratelimit-headers-10, one item for each limit named."""
        rates = {name: self._rate(name) for name in left}
        policies = (f'"{name}";q={rate.amount};w={rate.get_expiry()}' for name, rate in rates.items())
        limits = (f'"{name}";r={remaining};t={seconds}' for name, (remaining, seconds) in left.items())
        return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(limits)}


_REFUSALS = {
    "caller": "You have sent too many requests. Wait as long as Retry-After says.",
    "address": "Too many requests came from this address. Wait as long as Retry-After says.",
    "all": "More requests come in than may be answered. Wait as long as Retry-After says.",
}
