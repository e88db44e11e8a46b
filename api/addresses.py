"""The address that a request comes from. ``client_address`` is the one place that decides it."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
"""What programs on this machine call it."""

UNKNOWN = "unknown"
"""For a connection without an address, such as one through a Unix socket."""


def client_address(peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str:
    """The address of the client, as text.

    ``peer`` is the other end of the connection, ``forwarded_for`` the values of ``X-Forwarded-For`` in their
    order. These count only where the peer is a ``trusted`` proxy, and then from the right: each proxy appends
    whom it saw, so that the first entry from the right that is no trusted proxy is the client, and whatever
    stands left of it is only what that client says of itself.
    """
    nearest = _address(peer or "")
    if nearest is None:
        return UNKNOWN
    entries = [entry.strip() for value in forwarded_for for entry in value.split(",")]
    for entry in reversed(entries):
        if not _is_in(nearest, trusted):
            break
        before = _address(entry)
        if before is None:
            break
        nearest = before
    return str(nearest)


def limited_as(address: str) -> str:
    """What requests from an address are counted under: with IPv6 a client has a whole /64 to choose from."""
    found = _address(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return address


def parse_network(text: str) -> Network:
    """An address, or a network such as 10.0.0.0/8. Raises: ValueError."""
    return ip_network(text)


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine reach ``host``."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    # A server on both kinds of address sees IPv4 clients as ::ffff:192.0.2.1.
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
