"""Where a request comes from, as far as whoever says so is trusted."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any, Protocol

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_MOST_HOPS = 20
_LONGEST_HEADER = 1_000
_REMEMBERED = 4_096


def networks_of(listed: str) -> tuple[Network, ...]:
    """Networks from a list with commas. Raises `ValueError` with the one that is none."""
    return tuple(ipaddress.ip_network(each.strip()) for each in listed.split(",") if each.strip())


class Request(Protocol):
    """As much of Flask's request as is needed: settings are read without Flask."""

    remote_addr: str | None

    @property
    def headers(self) -> Any:
        """The headers, by name."""
        ...


class Addresses:
    """Tells callers' addresses.

    `X-Forwarded-For` is read from its end, and only as long as the one who wrote an entry is the
    gateway: what a caller puts into the header itself never counts.
    """

    def __init__(self, gateways: tuple[Network, ...]) -> None:
        self._gateways = gateways
        self._known = lru_cache(_REMEMBERED)(self._made_out)

    def of(self, request: Request) -> str:
        """The address, or `unknown`."""
        forwarded: str = request.headers.get("X-Forwarded-For", "")
        return self._known(request.remote_addr, forwarded[-_LONGEST_HEADER:])

    def _made_out(self, remote: str | None, forwarded: str) -> str:
        found = _parsed(remote)
        hops = forwarded.split(",")[-_MOST_HOPS:]
        while hops and found is not None and self._is_gateway(found):
            named = _parsed(hops.pop())
            if named is None:
                break
            found = named
        return "unknown" if found is None else str(found)

    def _is_gateway(self, address: Address) -> bool:
        return any(
            address.version == network.version and address in network for network in self._gateways
        )


def _parsed(text: str | None) -> Address | None:
    try:
        address = ipaddress.ip_address((text or "").strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def neighbourhood(address: str) -> str:
    """What counts as one caller: an IPv4 address, or the /64 that an IPv6 address is in."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
