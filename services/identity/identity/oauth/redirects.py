"""Which redirect addresses count as the registered one."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_same(registered: str, given: str, *, of_native_app: bool) -> bool:
    """Whether an address is the registered one, compared character by character.

    An app on the user's own machine takes whatever port is free: for a native app an address like
    `http://127.0.0.1/callback`, registered without a port, stands for every port (RFC 8252, 7.3).
    """
    if given == registered:
        return True
    if not of_native_app or not is_loopback(registered):
        return False
    parts = urlsplit(registered)
    if parts.netloc != parts.hostname:
        return False  # registered with a port, so it is this one
    scheme, host = f"{parts.scheme}://", parts.netloc
    rest = registered.removeprefix(scheme + host)
    if not given.startswith(f"{scheme}{host}:") or not given.endswith(rest):
        return False
    port = given[len(scheme + host) + 1 : len(given) - len(rest)]
    return port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 2**16


def is_loopback(uri: str) -> bool:
    """Whether an address leads to whatever listens on the user's own machine."""
    parts = urlsplit(uri)
    if parts.scheme != "http" or parts.hostname is None:
        return False
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"
