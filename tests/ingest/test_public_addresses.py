from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from ingest.public_addresses import is_public, may_be_reached

NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 169.254.0.1
169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1
192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1
255.255.255.255 :: ::1 ::7f00:1 ::a00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::8.8.8.8
100::1 1000::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
2002:7f00:1:: 2002:808:808:: 3ffe::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1
febf::1 fec0::1 ff02::1 ff0e::1
""".split()

PUBLIC = """
1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 128.32.1.1 169.253.255.255 172.15.255.255 172.32.0.1
192.167.255.255 223.255.255.255 2001:4860:4860::8888 2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8
64:ff9b::8.8.8.8
""".split()


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_of_no_machine_on_the_internet_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
    assert not may_be_reached(ip_address(address), ())


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_machines_on_the_internet_are_public(address: str) -> None:
    assert is_public(ip_address(address))
    assert may_be_reached(ip_address(address), ())


def test_there_are_at_least_forty_that_are_not_public() -> None:
    assert len(set(NOT_PUBLIC)) >= 40


def test_a_network_that_is_named_may_be_reached_and_its_neighbour_not() -> None:
    networks = (ip_network("10.1.0.0/16"), ip_network("::1/128"))

    assert may_be_reached(ip_address("10.1.2.3"), networks)
    assert may_be_reached(ip_address("::ffff:10.1.2.3"), networks)
    assert may_be_reached(ip_address("64:ff9b::10.1.2.3"), networks)
    assert may_be_reached(ip_address("::1"), networks)
    assert not may_be_reached(ip_address("10.2.0.1"), networks)
    assert not may_be_reached(ip_address("127.0.0.1"), networks)
