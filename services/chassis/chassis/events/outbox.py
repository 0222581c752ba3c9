"""The outbox: facts are stored in the transaction that made them true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from google.protobuf.message import Message

from chassis.context import Caller
from chassis.domain import Fact, IdFactory, Unpublished
from chassis.origin import current_address
from chassis.storage.bulk import MANY, BulkInsert
from chassis.storage.statements import Statement
from chassis.storage.tables import outbox
from chassis.telemetry.tracing import current_traceparent

INTERACTIVE = 0
BULK = 1

_FILLED = (
    "id tenant_id lane type aggregate_id aggregate_version payload actor traceparent occurred_at"
    " client_id session_id address cause"
).split()
_INSERT = Statement.of(sa.insert(outbox), _FILLED)
_INSERT_MANY = BulkInsert.into(outbox, _FILLED)


class FactEncoder:
    """Maps each kind of recorded fact to its protobuf message."""

    def __init__(self, mapping: Mapping[type[Any], Callable[[Any], Message]]) -> None:
        self._mapping = dict(mapping)

    def encode(self, fact: Fact) -> tuple[str, bytes]:
        """The fact's type (its protobuf full name, which is also its subject) and its payload."""
        convert = self._mapping.get(type(fact))
        if convert is None:
            raise RuntimeError(f"{type(fact).__name__} has no mapping to protobuf")
        message = convert(fact)
        return message.DESCRIPTOR.full_name, message.SerializeToString(deterministic=True)


@dataclass(frozen=True, slots=True)
class _Noted:
    fact: Fact
    aggregate_id: UUID
    version: int


class OutboxWriter:
    """Collects the facts of one unit of work and writes them as outbox rows."""

    def __init__(self, encoder: FactEncoder, ids: IdFactory) -> None:
        self._encoder = encoder
        self._ids = ids
        self._noted: list[_Noted] = []
        self.written = 0

    def add(self, fact: Fact, aggregate_id: UUID, version: int) -> None:
        """Note a fact, unless it is one that nobody outside hears of."""
        if isinstance(fact, Unpublished):
            return
        self._noted.append(_Noted(fact, aggregate_id, version))

    def forget(self) -> None:
        """Drop what is noted but not written."""
        self._noted.clear()

    def write(
        self,
        write: Callable[[Statement, Mapping[str, Any]], None],
        caller: Caller,
        now: datetime,
        *,
        bulk: bool,
        cause: UUID | None = None,
    ) -> None:
        """Have the noted facts stored, in the order in which they were noted.

        `cause` is the fact of this service or another that they follow from.
        """
        if not self._noted:
            return
        common = {
            "tenant_id": caller.tenant_id,
            "lane": BULK if bulk else INTERACTIVE,
            "actor": caller.actor,
            "traceparent": current_traceparent(),
            "occurred_at": now,
            "client_id": caller.client_id,
            "session_id": caller.session_id,
            "address": current_address(),
            "cause": cause,
        }
        rows = []
        for noted in self._noted:
            kind, payload = self._encoder.encode(noted.fact)
            rows.append(
                {
                    **common,
                    "id": self._ids.new(),
                    "type": kind,
                    "aggregate_id": noted.aggregate_id,
                    "aggregate_version": noted.version,
                    "payload": payload,
                }
            )
        if len(rows) < MANY or caller.tenant_id is None:
            for row in rows:
                write(_INSERT, row)
        else:
            write(_INSERT_MANY.statement, _INSERT_MANY.parameters(caller.tenant_id, rows))
        self.written += len(rows)
        self._noted.clear()
