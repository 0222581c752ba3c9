"""Which addresses may be called: global ones, and what the operator allows besides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ip_network("64:ff9b:1::/48")
_COMPATIBLE = ip_network("::/96")


class AllowedAddresses:
    """Decides by the address alone, so that no name, however it resolves, leads inside.

    `also` are networks such as `127.0.0.1/32` that may be called although they are not global:
    for development, or for receivers in a company's own network. Raises ValueError for what is
    no network.
    """

    def __init__(self, also: Iterable[str] = ()) -> None:
        self._also: Sequence[Network] = [ip_network(text.strip()) for text in also]

    def allows(self, address: Address) -> bool:
        """Whether the address may be called."""
        return self.are_inside(address) or _is_global(address)

    def are_inside(self, address: Address) -> bool:
        """Whether the address is one that was allowed by name; there plain HTTP may be spoken."""
        reached = _reached(address)
        return any(reached in network for network in self._also)


def _is_global(address: Address) -> bool:
    reached = _reached(address)
    return reached.is_global and not (reached.is_multicast or reached.is_reserved)


def _reached(address: Address) -> Address:
    """The address that packets end up at: some IPv6 addresses only wrap one of IPv4."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _LOCAL_NAT64:  # an operator's own choice of what it leads to
        return ip_address("::")
    # Without the zone (fe80::1%eth0), which no comparison of addresses expects.
    return IPv6Address(int(address))
