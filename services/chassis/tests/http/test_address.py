"""The caller's address: the gateway is believed, nobody else."""

from __future__ import annotations

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from chassis.http.address import Addresses, neighbourhood, networks_of


def seen(remote: str, forwarded: str | None, gateways: str = "127.0.0.0/8,10.0.0.0/8") -> str:
    """The address that is made out."""
    headers = [] if forwarded is None else [("X-Forwarded-For", forwarded)]
    environment = EnvironBuilder(headers=headers).get_environ()
    environment["REMOTE_ADDR"] = remote
    return Addresses(networks_of(gateways)).of(Request(environment))


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.2.3.4, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, not an address", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", "unknown"),
    ],
)
def test_only_what_the_gateway_wrote_counts(
    remote: str, forwarded: str | None, address: str
) -> None:
    assert seen(remote, forwarded) == address


def test_whoever_has_one_address_of_a_network_has_them_all() -> None:
    assert neighbourhood("2001:db8:1:2:3::4") == neighbourhood("2001:db8:1:2:9::9")
    assert neighbourhood("2001:db8:1:2::1") != neighbourhood("2001:db8:1:3::1")
    assert neighbourhood("203.0.113.9") == "203.0.113.9"


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        networks_of("127.0.0.0/8, nonsense")
