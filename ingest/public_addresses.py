"""Which network addresses are public: only those are ever connected to, unless an operator names others."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# The registries of special-purpose addresses (RFC 6890) as of 2026, with what is no single machine's. Asked
# beside ``is_global``, which takes multicast for public and differs from one version of Python to another.
_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network: Linux takes 0.0.0.0 for this machine
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by the customers of a provider (RFC 6598); metadata of some clouds
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",  # with 255.255.255.255
    )
)
# Of IPv6 only 2000::/3 is given out at all, and of that these are not.
_UNICAST_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols, among them Teredo, which holds IPv4 addresses
        "2001:db8::/32",
        "2002::/16",  # 6to4, which holds IPv4 addresses
        "2620:4f:8000::/48",
        "3ffe::/16",
        "3fff::/20",
    )
)
# Gateways of providers without IPv4 (RFC 6052): the IPv4 address in it is the one that is reached.
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether an address is that of one machine on the internet."""
    address = _reached_by(address)
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _NOT_PUBLIC_4)
    return (
        address.is_global
        and address in _UNICAST_6
        and not any(address in network for network in _NOT_PUBLIC_6)
    )


def may_be_reached(address: Address, networks: Sequence[Network]) -> bool:
    """Whether an address is public or in one of ``networks``."""
    address = _reached_by(address)
    return is_public(address) or any(
        address in network for network in networks if network.version == address.version
    )


def parsed(text: str) -> Address:
    """The address that ``text`` names, as a resolver gives it. Raises: ValueError."""
    return ip_address(text)


def _reached_by(address: Address) -> Address:
    """The IPv4 address that an IPv6 address leads to, where it is one of those that hold one."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address
