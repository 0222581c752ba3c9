"""Which addresses may be called."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.outbound.addresses import AllowedAddresses

_INSIDE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", _INSIDE)
def test_an_address_inside_is_refused_however_it_is_wrapped(address: str) -> None:
    assert not AllowedAddresses().allows(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "64:ff9b::5db8:d70e"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert AllowedAddresses().allows(ip_address(address))


def test_an_operator_can_allow_a_network_inside_and_just_that() -> None:
    addresses = AllowedAddresses(["127.0.0.1/32", "fd00:1::/64"])

    assert addresses.allows(ip_address("127.0.0.1"))
    assert addresses.allows(ip_address("::ffff:127.0.0.1"))
    assert addresses.allows(ip_address("fd00:1::9"))
    assert not addresses.allows(ip_address("127.0.0.2"))
    assert not addresses.allows(ip_address("::1"))


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_never_changes_the_answer(address: object) -> None:
    addresses = AllowedAddresses()
    plain = addresses.allows(ip_address(str(address)))

    assert addresses.allows(ip_address(f"::ffff:{address}")) == plain
    assert addresses.allows(ip_address(f"64:ff9b::{address}")) == plain


def test_what_is_no_network_stops_the_start() -> None:
    with pytest.raises(ValueError, match="intranet"):
        AllowedAddresses(["intranet"])
