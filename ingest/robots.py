"""What a robots.txt says to Prospectus (RFC 9309)."""

from __future__ import annotations

from protego import Protego

from .fetching import PRODUCT

# As much of the file as has to be read (RFC 9309, section 2.5).
MAX_BYTES = 500 * 1024


class Robots:
    """The rules of one origin; without a text everything is allowed."""

    def __init__(self, text: str = "") -> None:
        self._rules = Protego.parse(text)

    def allows(self, address: str) -> bool:
        """Whether this address may be asked for."""
        return self._rules.can_fetch(address, PRODUCT)

    @property
    def pause(self) -> float:
        """Seconds that it wants between two requests, 0 where it does not say."""
        delay = self._rules.crawl_delay(PRODUCT) or 0.0
        return delay if delay > 0 else 0.0  # also for what is no number

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """Where it says that sitemaps are, as written."""
        return tuple(self._rules.sitemaps)
