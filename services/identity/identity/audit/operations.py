"""What is done to the audit log: facts are added to it, and nothing else ever happens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from chassis.events.reactions import RawFact
from identity.audit.details import content_of
from identity.audit.domain import AuditLogExported, Record, chained

if TYPE_CHECKING:
    from identity.transaction import IdentityTx

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def keep_facts(tx: IdentityTx, facts: Sequence[RawFact]) -> int:
    """Add an entry for each fact, in one go; tells how many were new.

    The inbox knows those that come twice, and the log itself those that come after the inbox has
    forgotten them.
    """
    log = tx.audit.lock([fact.envelope.id for fact in facts])
    now = tx.clock.now()
    records = [_record(fact, now) for fact in facts if fact.envelope.id not in log.known]
    if records:
        tx.audit.add(list(chained(log.head, records)))
    return len(records)


def note_export(tx: IdentityTx, written_in: str, filters: Iterable[str]) -> None:
    """Tell that entries leave the platform."""
    export_id = tx.ids.new()
    tx.publish(AuditLogExported(export_id, written_in, tuple(sorted(filters))), export_id)


def _record(fact: RawFact, now: datetime) -> Record:
    envelope = fact.envelope
    content = content_of(envelope.type, fact.payload, envelope.aggregate_id)
    return Record(
        tenant_id=envelope.tenant_id,
        id=envelope.id,
        occurred_at=envelope.occurred_at,
        recorded_at=now,
        actor=envelope.actor,
        client_id=envelope.client_id,
        session_id=envelope.session_id,
        address=envelope.address,
        service=envelope.type.split(".")[1],
        action=envelope.type,
        record_kind=content.record_kind,
        record_id=envelope.aggregate_id,
        record_version=envelope.aggregate_version,
        trace_id=_trace_id(envelope.traceparent),
        cause=envelope.cause,
        details=content.details,
    )


def _trace_id(traceparent: str | None) -> str | None:
    match = _TRACEPARENT.fullmatch(traceparent or "")
    return None if match is None else match[1]
