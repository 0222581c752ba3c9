"""What waits to be told to holders of a permission, until identity has said who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.events.reactions import Envelope
from chassis.storage.database import Database, rows_of
from chassis.storage.statements import Statement
from chassis.telemetry.tracing import current_traceparent
from notifications.messages.domain import Order, Recipient, Schedule
from notifications.rules.domain import HolderReach, RuleDefinition
from notifications.rules.firing import Outcome, request_name
from notifications.rules.holders import Holders
from notifications.rules.storage import Firing
from notifications.transaction import NotificationsTx

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_BY_USER = "user:"

rule_tellings = sa.Table(
    "rule_tellings",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("rule_id", _uuid, primary_key=True),
    sa.Column("fact_id", _uuid, primary_key=True),
    sa.Column("subject_id", _uuid, nullable=False),
    sa.Column("permission", sa.Text(collation="C"), nullable=False),
    sa.Column("reach", sa.Text, nullable=False),
    sa.Column("role_id", _uuid),
    sa.Column("but_user_id", _uuid),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text(collation="C"), nullable=False),
    sa.Column("template", sa.Text(collation="C"), nullable=False),
    sa.Column("variables", sa.JSON, nullable=False),
    sa.Column("send_at", _time),
    sa.Column("noted_at", _time, nullable=False),
    sa.Column("due_at", _time, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("traceparent", sa.Text),
)


@dataclass(frozen=True, slots=True)
class Question:
    """Whom to tell is to be asked, now. `attempts` counts this one; `traceparent` is the fact's trace."""

    tenant_id: UUID
    rule_id: UUID
    fact_id: UUID
    holders: Holders
    noted_at: datetime
    attempts: int
    traceparent: str | None


def note_telling(
    tx: NotificationsTx,
    rule_id: UUID,
    definition: RuleDefinition,
    found: Outcome,
    envelope: Envelope,
) -> None:
    """Have holders told of a fact, if this transaction commits: a rule and a fact wait once."""
    holders = found.holders
    if holders is None:
        raise ValueError("the rule tells no holders")
    now = tx.clock.now()
    values = {
        "rule_id": rule_id,
        "fact_id": envelope.id,
        "subject_id": found.subject_id,
        "permission": holders.permission,
        "reach": holders.reach.value,
        "role_id": holders.role_id,
        "but_user_id": _user_of(envelope.actor),
        "channel": definition.channel,
        "purpose": definition.purpose,
        "template": definition.template,
        "variables": dict(found.variables or {}),
        "send_at": found.send_at,
        "traceparent": current_traceparent(),
    }
    statement = sa.dialects.postgresql.insert(rule_tellings).values(
        tenant_id=tx.tenant_id, noted_at=now, due_at=now, attempts=0, **values
    )
    tx.connection.execute(statement.on_conflict_do_nothing())
    tx.once_committed(tx.signals.tellings_noted)


@dataclass(frozen=True, slots=True)
class Telling:
    """What each of the holders is told, but for one."""

    rule_id: UUID
    fact_id: UUID
    subject_id: UUID
    but_user_id: UUID | None
    order: Order

    def firing(self, user_id: UUID) -> Firing:
        """That the rule fires for a user."""
        return Firing(self.rule_id, user_id, self.subject_id, self.fact_id)

    def message(self, user_id: UUID) -> Order:
        """The message to a user. Its request is named as that of any rule, so it is one."""
        return Order(
            recipient=Recipient(user_id=user_id),
            channel=self.order.channel,
            purpose=self.order.purpose,
            template=self.order.template,
            variables=self.order.variables,
            schedule=self.order.schedule,
            request_id=request_name(self.rule_id, user_id, self.subject_id),
            cause=str(self.fact_id),
        )


def take_telling(tx: NotificationsTx, rule_id: UUID, fact_id: UUID) -> Telling | None:
    """Take what waits; None when it was told in the meantime, or its rule is gone.

    The rule is kept from being removed first, as whoever removes it takes what waits with it.
    """
    about = {"tenant_id": tx.tenant_id, "rule_id": rule_id, "fact_id": fact_id}
    if tx.fetch_one(_KEEP_RULE, about) is None:
        return None
    row = tx.fetch_one(_TAKE, about)
    if row is None:
        return None
    order = Order(
        Recipient(),
        row["channel"],
        row["purpose"],
        row["template"],
        row["variables"],
        schedule=Schedule(send_at=row["send_at"]),
    )
    return Telling(rule_id, fact_id, row["subject_id"], row["but_user_id"], order)


def claim_tellings(database: Database, now: datetime, until: datetime, most: int) -> list[Question]:
    """A few that are due, of every tenant in turn; nobody else has them until then."""
    about = {"now": now, "until": until, "most": most}
    with database.system_transaction() as connection:
        return [_question(row) for row in rows_of(connection, _CLAIM, about)]


def put_off(database: Database, question: Question, due_at: datetime) -> None:
    """Ask again at that time."""
    with database.system_transaction() as connection:
        rows_of(connection, _PUT_OFF, {**_about(question), "due_at": due_at})


def give_up(database: Database, question: Question) -> None:
    """Have nobody told: it is no news any more."""
    with database.system_transaction() as connection:
        rows_of(connection, _GIVE_UP, _about(question))


def _about(question: Question) -> dict[str, Any]:
    return {
        "tenant_id": question.tenant_id,
        "rule_id": question.rule_id,
        "fact_id": question.fact_id,
        "attempts": question.attempts,
    }


def _question(row: Mapping[str, Any]) -> Question:
    holders = Holders(row["permission"], HolderReach(row["reach"]), row["role_id"])
    of = (row["tenant_id"], row["rule_id"], row["fact_id"])
    return Question(*of, holders, row["noted_at"], row["attempts"], row["traceparent"])


def _user_of(actor: str) -> UUID | None:
    """The user who acted; None for apps and services."""
    if not actor.startswith(_BY_USER):
        return None
    try:
        return UUID(actor.removeprefix(_BY_USER))
    except ValueError:
        return None


_KEEP_RULE = Statement(
    "SELECT id FROM rules WHERE tenant_id = %(tenant_id)s AND id = %(rule_id)s FOR KEY SHARE"
)
_TAKE = Statement(
    "DELETE FROM rule_tellings WHERE tenant_id = %(tenant_id)s AND rule_id = %(rule_id)s"
    " AND fact_id = %(fact_id)s"
    " RETURNING subject_id, but_user_id, channel, purpose, template, variables, send_at"
)
# The index is walked from tenant to tenant, so that one with many keeps no other waiting.
_CLAIM = """
WITH RECURSIVE waiting(tenant_id) AS (
    (SELECT tenant_id FROM rule_tellings ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT following.tenant_id FROM waiting CROSS JOIN LATERAL (
        SELECT tenant_id FROM rule_tellings WHERE tenant_id > waiting.tenant_id
        ORDER BY tenant_id LIMIT 1
    ) following
),
candidates AS (
    SELECT waiting.tenant_id, first.rule_id, first.fact_id, first.due_at,
        row_number() OVER (PARTITION BY waiting.tenant_id ORDER BY first.due_at) AS place
    FROM waiting CROSS JOIN LATERAL (
        SELECT rule_id, fact_id, due_at FROM rule_tellings
        WHERE tenant_id = waiting.tenant_id AND due_at <= %(now)s
        ORDER BY due_at LIMIT %(most)s
    ) first
),
chosen AS (
    SELECT telling.tenant_id, telling.rule_id, telling.fact_id FROM rule_tellings telling
    JOIN (
        SELECT tenant_id, rule_id, fact_id FROM candidates ORDER BY place, due_at LIMIT %(most)s
    ) candidate USING (tenant_id, rule_id, fact_id)
    WHERE telling.due_at <= %(now)s FOR UPDATE OF telling SKIP LOCKED
)
UPDATE rule_tellings told SET due_at = %(until)s, attempts = told.attempts + 1
FROM chosen WHERE told.tenant_id = chosen.tenant_id AND told.rule_id = chosen.rule_id
    AND told.fact_id = chosen.fact_id
RETURNING told.tenant_id, told.rule_id, told.fact_id, told.permission, told.reach,
    told.role_id, told.noted_at, told.attempts, told.traceparent
"""
_PUT_OFF = """
UPDATE rule_tellings SET due_at = %(due_at)s WHERE tenant_id = %(tenant_id)s
    AND rule_id = %(rule_id)s AND fact_id = %(fact_id)s AND attempts = %(attempts)s
RETURNING fact_id
"""
_GIVE_UP = """
DELETE FROM rule_tellings WHERE tenant_id = %(tenant_id)s
    AND rule_id = %(rule_id)s AND fact_id = %(fact_id)s AND attempts = %(attempts)s
RETURNING fact_id
"""
