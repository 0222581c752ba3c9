"""Keeps what hearers go by still while they hear, so that nobody counts by what no longer holds.

Whoever hears takes the lock together with others; whoever changes a definition waits for all who hear
by the old one, and has those wait that come. So what is counted anew after a change misses nothing.
"""

from __future__ import annotations

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork

_TOGETHER = Statement("SELECT pg_advisory_xact_lock_shared(hashtextextended(%(word)s, 0))")
_ALONE = Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(word)s, 0))")


def keep_still(tx: UnitOfWork, what: str) -> None:
    """Have a definition stay what it is until this transaction ends."""
    tx.fetch_one(_TOGETHER, {"word": _word(tx, what)})


def wait_for_hearers(tx: UnitOfWork, what: str) -> None:
    """Wait until nobody hears by the definition; to be called first by whoever changes it."""
    tx.fetch_one(_ALONE, {"word": _word(tx, what)})


def _word(tx: UnitOfWork, what: str) -> str:
    return f"loyalty {what} {tx.tenant_id}"
