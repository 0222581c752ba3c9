"""Takes turns with whoever looks for the same record, so that two never enter it both."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.storage.statements import Statement
from contacts.transaction import ContactsTx


def take_turns(tx: ContactsTx, kind: str, keys: Iterable[tuple[str, str]]) -> None:
    """Wait for those who hold one of these keys until their commit; others wait for this one.

    In one order, so that no two wait for each other.
    """
    for of, key in sorted(set(keys)):
        name = f"recognise {kind} {tx.tenant_id} {of} {key}"
        tx.fetch_one(_LOCK, {"name": name})


_LOCK = Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))")
