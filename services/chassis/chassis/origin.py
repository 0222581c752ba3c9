"""From which address the work in hand was asked for: set where a call comes in, kept with its facts."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

METADATA = "origin-address"
"""How one service tells another over gRPC, which is not reachable from outside."""

_address: ContextVar[str | None] = ContextVar("origin", default=None)


@contextmanager
def coming_from(address: str | None) -> Iterator[None]:
    """Work on a call from this address; anything that is none counts as nothing."""
    token = _address.set(address if address is None or _is_address(address) else None)
    try:
        yield
    finally:
        _address.reset(token)


def current_address() -> str | None:
    """The address, or None for what nobody has asked for: reactions, timers, commands."""
    return _address.get()


@lru_cache(4_096)
def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
