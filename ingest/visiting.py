"""Going to a page as a guest: robots.txt, pauses, redirects, and an end where a host wants or needs one."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .errors import FetchError, Gone, NotAllowed, Unreachable
from .fetching import Answer, Client, Rules
from .robots import MAX_BYTES, Robots
from .web_addresses import BadAddress, host_of, is_same_site, normalised, origin_of

MAX_REDIRECTS = 5
# Seconds. What wants to be left alone for longer is left alone for this time.
LONGEST_PAUSE = 60.0
# A host that fails so often in a row is not asked again: each failure may take a minute.
_MAX_FAILURES = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

Check = Callable[[str], None]
"""Raises NotAllowed for an address that is not to be visited for the purpose at hand."""


class HostLeftAlone(Unreachable):
    """The host is not asked any more this time; the reason was told with the request that led to it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an earlier visit ended with: the address it led to, and what to tell that server."""

    final: str
    etag: str
    last_modified: str


class Visitor:
    """Asks servers, one request at a time. ``sleep`` and ``now`` (UTC) are there to be exchanged in tests."""

    def __init__(
        self,
        client: Client,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._sleep = sleep
        self._now = now
        self._robots: dict[str, Robots] = {}
        self._ended: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._left_alone: dict[str, str] = {}

    @property
    def rules(self) -> Rules:
        """What may be fetched, and how."""
        return self._client.rules

    def check(self, address: str) -> None:
        """Raise NotAllowed for an address that the rules never let be asked."""
        self._client.check(address)

    def visit(
        self, address: str, check: Check, *, types: Collection[str] | None = None, seen: Seen | None = None
    ) -> Answer:
        """Return the answer with the page, or one with status 304 where it is as it was when ``seen``.

        ``check`` is asked about the address and each that it leads to, before these are asked. The
        ``address`` of the answer is the last of them.

        Raises:
            NotAllowed: by ``check``, by a robots.txt, by the client's rules; more than five redirects.
            Gone: 404 or 410.
            Unreachable: no answer, or no page in it; HostLeftAlone where it is not the first of that host.
        """
        place = address
        with _told_of(address):
            for _ in range(MAX_REDIRECTS + 1):
                check(place)
                if not self.robots(place).allows(place):
                    raise NotAllowed(place, "the robots.txt of the site does not allow it")
                is_known = seen is not None and seen.final == place
                answer = self._ask(
                    place,
                    types,
                    etag=seen.etag if seen and is_known else "",
                    last_modified=seen.last_modified if seen and is_known else "",
                )
                if answer.status not in _REDIRECTS:
                    return _judged(answer, is_known=is_known)
                place = _target(answer)
            raise NotAllowed(address, f"it leads on through more than {MAX_REDIRECTS} redirects")

    def robots(self, address: str) -> Robots:
        """Return the rules of the address's origin, fetched once.

        Raises:
            NotAllowed: by the client's rules.
            Unreachable: nobody knows what they are, or they ask for pauses that are too long; HostLeftAlone
                where that is not the first time.
        """
        origin = origin_of(address)
        known = self._robots.get(origin)
        if known is not None:
            return known
        self._client.check(address)
        self._check_left_alone(address)
        place = f"{origin}/robots.txt"
        try:
            found = self._fetch_robots(place)
        except FetchError as error:
            # Without an answer nobody knows what is forbidden (RFC 9309, section 2.3.1.4).
            self._leave_alone(origin, f"its robots.txt is not to be had ({error.reason})")
            raise Unreachable(address, f"its site's robots.txt is not to be had: {error.reason}") from error
        if found.pause > LONGEST_PAUSE:
            reason = (
                f"its robots.txt asks for {found.pause:g} s between two requests, more than the "
                f"{LONGEST_PAUSE:g} that are waited"
            )
            self._leave_alone(origin, reason)
            raise Unreachable(address, f"the site is left alone: {reason}")
        self._robots[origin] = found
        return found

    def _fetch_robots(self, place: str) -> Robots:
        start = place
        for _ in range(MAX_REDIRECTS + 1):
            # It may lead to any other host (RFC 9309, section 2.3.1.2), but not from there into a network.
            is_elsewhere = not is_same_site(place, start)
            answer = self._ask(place, None, first_bytes=MAX_BYTES, only_public=is_elsewhere)
            if answer.status in _REDIRECTS:
                place = _target(answer)
                continue
            if answer.status == 200:
                return Robots(answer.body.decode("utf-8-sig", errors="replace"))
            if 400 <= answer.status < 500 and answer.status != 429:
                return Robots()
            raise Unreachable(place, f"the server says {answer.status}")
        return Robots()  # as if there were none (RFC 9309, section 2.3.1.2)

    def _ask(
        self,
        address: str,
        types: Collection[str] | None,
        *,
        etag: str = "",
        last_modified: str = "",
        first_bytes: int | None = None,
        only_public: bool = False,
    ) -> Answer:
        """One request when its turn has come, a second one where the server names a time soon enough."""
        for is_last in (False, True):
            self._check_left_alone(address)
            self._wait(address)
            answer = self._ask_now(address, types, etag, last_modified, first_bytes, only_public)
            if answer.status not in (429, 503) or not (answer.retry_after or answer.status == 429):
                return answer
            seconds = self._seconds(answer.retry_after)
            if is_last or seconds > LONGEST_PAUSE:
                break
            self._sleep(seconds)
        self._leave_alone(origin_of(address), f"it wants to be left alone (it says {answer.status})")
        raise Unreachable(address, f"the server wants to be left alone (it says {answer.status})")

    def _ask_now(
        self,
        address: str,
        types: Collection[str] | None,
        etag: str,
        last_modified: str,
        first_bytes: int | None,
        only_public: bool,
    ) -> Answer:
        origin = origin_of(address)
        try:
            answer = self._client.ask(
                address,
                types=types,
                etag=etag,
                last_modified=last_modified,
                first_bytes=first_bytes,
                only_public=only_public,
            )
        except Unreachable as error:
            self._failures[origin] = self._failures.get(origin, 0) + 1
            if self._failures[origin] >= _MAX_FAILURES:
                self._leave_alone(origin, f"it failed {_MAX_FAILURES} times in a row ({error.reason})")
            raise
        finally:
            self._ended[host_of(address)] = time.monotonic()
        self._failures[origin] = 0
        return answer

    def _wait(self, address: str) -> None:
        ended = self._ended.get(host_of(address))
        if ended is None:
            return
        robots = self._robots.get(origin_of(address))
        pause = max(self._client.rules.pause, robots.pause if robots is not None else 0.0)
        left = ended + pause - time.monotonic()
        if left > 0:
            self._sleep(left)

    def _seconds(self, retry_after: str) -> float:
        """For how long: a number of seconds or a date; the usual pause where it is neither."""
        if retry_after.isdecimal():
            return float(retry_after[:9])
        try:
            until = parsedate_to_datetime(retry_after)
            return max((until.astimezone(UTC) - self._now()).total_seconds(), 0.0)
        except (ValueError, TypeError, OverflowError):
            return max(self._client.rules.pause, 1.0)

    def _check_left_alone(self, address: str) -> None:
        reason = self._left_alone.get(origin_of(address))
        if reason is not None:
            raise HostLeftAlone(address, f"{host_of(address)} is not asked any more this time: {reason}")

    def _leave_alone(self, origin: str, reason: str) -> None:
        self._left_alone.setdefault(origin, reason)


def _judged(answer: Answer, *, is_known: bool) -> Answer:
    if answer.status == 200 or (answer.status == 304 and is_known):
        return answer
    if answer.status in (404, 410):
        raise Gone(answer.address, f"the server says that there is no such page ({answer.status})")
    raise Unreachable(answer.address, f"the server says {answer.status}")


def _target(answer: Answer) -> str:
    """Where a redirect leads; what was encrypted stays so."""
    try:
        target = normalised(answer.location, answer.address)
    except BadAddress as error:
        raise NotAllowed(answer.address, f"it leads to no address that is fetched: {error}") from None
    if not answer.location.strip():
        raise Unreachable(answer.address, f"the server says {answer.status}, and not where the page is")
    if answer.address.startswith("https://") and target.startswith("http://"):
        # Most often a server behind a proxy that does not know of the encryption in front of it.
        try:
            return normalised("https" + target.removeprefix("http"))
        except BadAddress:
            raise NotAllowed(answer.address, "it leads to an address without encryption") from None
    return target


@contextmanager
def _told_of(address: str) -> Iterator[None]:
    """Turn an error about an address that a page leads to into one about the page."""
    try:
        yield
    except FetchError as error:
        if error.address == address:
            raise
        raise type(error)(address, f"it leads to {error.address}: {error.reason}") from error
