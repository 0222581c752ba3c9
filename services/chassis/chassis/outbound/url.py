"""Reads the addresses that tenants give, strictly: what one parser takes for a host no other may take for a path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import idna

from chassis.outbound.errors import OutboundRefused

LONGEST_URL = 2048
_PORTS = {"https": 443, "http": 80}
_PRIVILEGED = 1024
_VISIBLE = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `host` is in ASCII; `path` holds the query too."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the `Host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        standard = _PORTS["https" if self.secure else "http"]
        return host if self.port == standard else f"{host}:{self.port}"


def read_target(url: str) -> Target:
    """Take an address apart; raises `OutboundRefused` that says what is wrong with it.

    Ports below 1024 other than those of HTTP belong to other protocols and are refused, so that
    nobody has mail servers and the like spoken to in their name.
    """
    if len(url) > LONGEST_URL:
        raise OutboundRefused("not_a_url", f"The address is longer than {LONGEST_URL} characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise OutboundRefused("not_a_url", f"The address is not a URL: {error}.") from None
    _refuse_strange(url, parts)
    secure = parts.scheme == "https"
    port = port or _PORTS[parts.scheme]
    if port < _PRIVILEGED and port not in _PORTS.values():
        raise OutboundRefused("port_not_allowed", f"The port {port} is not one of HTTP.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = _ascii_host(parts.hostname or "")
    return Target(secure=secure, host=host, port=port, path=path)


def _refuse_strange(url: str, parts: SplitResult) -> None:
    if parts.scheme not in _PORTS:
        raise OutboundRefused("not_a_url", "The address does not begin with https://.")
    if parts.username is not None or parts.password is not None:
        raise OutboundRefused("not_a_url", "The address must not carry a user name or a password.")
    if not parts.hostname:
        raise OutboundRefused("not_a_url", "The address names no host.")
    if parts.fragment or "#" in url:
        raise OutboundRefused("not_a_url", "The address must not have a fragment (#…).")
    if "\\" in url or not _VISIBLE.fullmatch(parts.path + parts.query):
        raise OutboundRefused(
            "not_a_url", "The path has characters that must be written as %XX in an address."
        )


def _ascii_host(host: str) -> str:
    if ":" in host:
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii") if not host.isascii() else host.lower()
    except idna.IDNAError as error:
        raise OutboundRefused("not_a_url", f"The host {host!r} is no name: {error}.") from None
