"""Where timelines are kept: one row for a fact about a person."""

from __future__ import annotations

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from contacts.timeline.entries import Entry

metadata = sa.MetaData()
_uuid, _time = PgUUID(as_uuid=True), sa.DateTime(timezone=True)

timeline_entries = sa.Table(
    "timeline_entries",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("occurred_at", _time, nullable=False),
    sa.Column("recorded_at", _time, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("fact_type", sa.Text, nullable=False),
    sa.Column("record_id", _uuid, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("value_amount", sa.Numeric),
    sa.Column("value_currency", sa.Text),
    sa.Column("details", JSON, nullable=False),
)


def note_entry(tx: UnitOfWork, entry: Entry) -> None:
    """Add to the timeline of whoever the person is now; nothing for somebody who is gone.

    A second time adds nothing: the fact's id is the entry's.
    """
    amount, currency = entry.value or (None, None)
    row = {
        "tenant_id": tx.tenant_id,
        "id": entry.id,
        "person_id": entry.person_id,
        "occurred_at": entry.occurred_at,
        "recorded_at": tx.clock.now(),
        "kind": entry.kind,
        "channel": entry.channel,
        "service": entry.service,
        "fact_type": entry.fact_type,
        "record_id": entry.record_id,
        "actor": entry.actor,
        "value_amount": amount,
        "value_currency": currency,
        "details": orjson.dumps(entry.details).decode(),
    }
    tx.write(_NOTE, row)


# The person's row is held, so that a merge or an erasure that goes on meanwhile misses no entry.
_NOTE = Statement(
    """
    WITH person AS (
        SELECT id FROM people
        WHERE tenant_id = %(tenant_id)s AND id = coalesce((
            SELECT person_id FROM merges
            WHERE tenant_id = %(tenant_id)s AND merged_id = %(person_id)s AND undone_at IS NULL
        ), %(person_id)s)
        FOR KEY SHARE
    )
    INSERT INTO timeline_entries (
        tenant_id, id, person_id, occurred_at, recorded_at, kind, channel, service, fact_type,
        record_id, actor, value_amount, value_currency, details
    )
    SELECT %(tenant_id)s, %(id)s, id, %(occurred_at)s, %(recorded_at)s, %(kind)s, %(channel)s,
        %(service)s, %(fact_type)s, %(record_id)s, %(actor)s, %(value_amount)s::numeric,
        %(value_currency)s, %(details)s::json
    FROM person
    ON CONFLICT (tenant_id, id) DO NOTHING
    """
)
