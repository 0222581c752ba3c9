"""How delivery policies are kept, and how often somebody was written to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.policies.domain import (
    NO_RULES,
    Cap,
    DeliveryPolicy,
    QuietHours,
    Rules,
    WhenCapped,
    closeness,
)

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

policies = sa.Table(
    "delivery_policies",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("channel", sa.Text(collation="C"), nullable=False),
    sa.Column("purpose", sa.Text(collation="C"), nullable=False),
    sa.Column("rules", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class PoliciesRepository(Repository[DeliveryPolicy]):
    """Keeps delivery policies."""

    table = policies
    kind = "delivery policy"

    def _row(self, aggregate: DeliveryPolicy) -> dict[str, Any]:
        return {
            "channel": aggregate.channel,
            "purpose": aggregate.purpose,
            "rules": rules_shown(aggregate.rules),
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }

    def _aggregate(self, row: sa.RowMapping) -> DeliveryPolicy:
        return DeliveryPolicy(
            id=row["id"],
            version=row["version"],
            channel=row["channel"],
            purpose=row["purpose"],
            rules=_rules_of(row["rules"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )


def rules_for(reading: Reading | UnitOfWork, channel: str, purpose: str) -> Rules:
    """The rules that hold for a message: those of the closest policy."""
    about = {"tenant_id": reading.caller.tenant_id, "channel": channel, "purpose": purpose}
    rows = reading.fetch_all(_FITTING, about)
    if not rows:
        return NO_RULES
    closest = max(rows, key=lambda row: closeness(row["channel"], row["purpose"]))
    rules = closest["rules"]
    return _rules_of(orjson.loads(rules) if isinstance(rules, str) else rules)


def rules_shown(rules: Rules) -> dict[str, Any]:
    """Rules as JSON."""
    hours = rules.quiet_hours
    return {
        "quiet_hours": hours
        and {"start": hours.start.isoformat("minutes"), "end": hours.end.isoformat("minutes")},
        "caps": [{"messages": cap.messages, "hours": cap.hours} for cap in rules.caps],
        "when_capped": rules.when_capped,
        "transactional_too": rules.transactional_too,
        "time_zone": rules.time_zone,
        "track_opens": rules.track_opens,
        "track_clicks": rules.track_clicks,
    }


def _rules_of(stored: Mapping[str, Any]) -> Rules:
    hours = stored["quiet_hours"]
    return Rules(
        hours and QuietHours(time.fromisoformat(hours["start"]), time.fromisoformat(hours["end"])),
        tuple(Cap(cap["messages"], cap["hours"]) for cap in stored["caps"]),
        WhenCapped(stored["when_capped"]),
        stored["transactional_too"],
        stored["time_zone"],
        stored["track_opens"],
        stored["track_clicks"],
    )


def use_caps(
    tx: UnitOfWork, rules: Rules, recipient: UUID, channel: str, purpose: str, message_id: UUID
) -> datetime | None:
    """Count one more message to somebody, if the caps allow; else when they will.

    Whoever else counts for the same recipient waits until this transaction ends, so that together
    they never exceed a cap.
    """
    key = {
        "tenant_id": tx.tenant_id,
        "recipient": recipient,
        "channel": channel,
        "purpose": purpose,
    }
    lock = f"cap:{tx.tenant_id}:{recipient}:{channel}:{purpose}"
    tx.fetch_all(_LOCK, {"lock": lock})
    if tx.fetch_one(_USED, {"tenant_id": tx.tenant_id, "message_id": message_id}) is not None:
        return None  # an attempt before counted it, and may have reached somebody
    now = tx.clock.now()
    free_at = None
    for cap in rules.caps:
        about = {**key, "since": now - cap.window, "skip": cap.messages - 1}
        used = tx.fetch_one(_NTH_LAST, about)
        if used is not None:
            until = used["used_at"] + cap.window
            free_at = until if free_at is None else max(free_at, until)
    if free_at is None:
        tx.write(_USE, {**key, "now": now, "message_id": message_id})
    return free_at


def give_caps_back(tx: UnitOfWork, message_id: UUID) -> None:
    """Do not count a message that was not sent after all."""
    tx.write(_GIVE_BACK, {"tenant_id": tx.tenant_id, "message_id": message_id})


_FITTING = Statement(
    "SELECT channel, purpose, rules FROM delivery_policies WHERE tenant_id = %(tenant_id)s"
    " AND channel IN ('', %(channel)s) AND purpose IN ('', %(purpose)s)"
)
_LOCK = Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(lock)s, 0))")
_USED = Statement(
    "SELECT 1 AS used FROM cap_uses WHERE tenant_id = %(tenant_id)s"
    " AND message_id = %(message_id)s LIMIT 1"
)
_NTH_LAST = Statement(
    "SELECT used_at FROM cap_uses WHERE tenant_id = %(tenant_id)s AND recipient = %(recipient)s"
    " AND channel = %(channel)s AND purpose = %(purpose)s AND used_at > %(since)s"
    " ORDER BY used_at DESC OFFSET %(skip)s LIMIT 1"
)
_USE = Statement(
    "INSERT INTO cap_uses (tenant_id, recipient, channel, purpose, used_at, message_id)"
    " VALUES (%(tenant_id)s, %(recipient)s, %(channel)s, %(purpose)s, %(now)s, %(message_id)s)"
)
_GIVE_BACK = Statement(
    "DELETE FROM cap_uses WHERE tenant_id = %(tenant_id)s AND message_id = %(message_id)s"
)
