"""The inbox: which facts have had their effect, noted in the transaction of the effect itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.events.reactions import Kind
from chassis.storage.tables import inbox

_INSERT = insert(inbox).on_conflict_do_nothing()


def inbox_name(consumer: str, kind: Kind) -> str:
    """Under which name a consumer's inbox rows are kept.

    Effects and projections have separate rows, so that a projection can be reset and rebuilt
    without any effect happening again.
    """
    return f"{consumer}/{kind}"


def receive(
    connection: sa.Connection, tenant_id: UUID, keys: Iterable[tuple[str, UUID]], now: datetime
) -> set[tuple[str, UUID]]:
    """Note facts as received, by inbox name and event id; gives those that are new."""
    rows: Sequence[dict[str, object]] = [
        {"consumer": consumer, "event_id": event_id, "tenant_id": tenant_id, "received_at": now}
        for consumer, event_id in sorted(set(keys))
    ]
    if not rows:
        return set()
    statement = _INSERT.values(rows).returning(inbox.c.consumer, inbox.c.event_id)
    return {(row[0], row[1]) for row in connection.execute(statement)}
