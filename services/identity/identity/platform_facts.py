"""Facts of no tenant, stored in the transactions of the system login, which alone sees what they tell of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa

from chassis.context import PLATFORM, Caller
from chassis.domain import Clock, Fact, IdFactory
from chassis.events.outbox import FactEncoder, OutboxWriter
from chassis.storage.statements import Writes


class PlatformFacts:
    """Tells what happens to the platform; the relay publishes it, and the operators' audit log has it.

    The database lets the system login add facts of no tenant only.
    """

    def __init__(self, encoder: FactEncoder, clock: Clock, ids: IdFactory) -> None:
        self._encoder = encoder
        self._clock = clock
        self._ids = ids

    def tell(
        self, connection: sa.Connection, caller: Caller, facts: Iterable[tuple[Fact, UUID]]
    ) -> None:
        """Store facts, each with the id of what it is about, in the transaction that makes them true."""
        outbox, writes = OutboxWriter(self._encoder, self._ids), Writes()
        for fact, aggregate_id in facts:
            outbox.add(fact, aggregate_id, 0)
        at_work = replace(caller, tenant_id=PLATFORM)
        outbox.write(writes.add, at_work, self._clock.now(), bulk=False)
        writes.send(connection)
