"""How rules are kept, and for whom each has fired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from notifications.rules.domain import (
    HolderReach,
    OncePer,
    RecipientChoice,
    RecipientKind,
    Rule,
    RuleDefinition,
    VariableSource,
)

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

rules = sa.Table(
    "rules",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("fact_type", sa.Text(collation="C"), nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("template", sa.Text(collation="C"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text(collation="C"), nullable=False),
    sa.Column("delay_seconds", sa.Integer, nullable=False),
    sa.Column("once_per", sa.Text, nullable=False),
    sa.Column("condition", sa.JSON, nullable=False),
    sa.Column("recipient", sa.JSON, nullable=False),
    sa.Column("variables", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class RulesRepository(Repository[Rule]):
    """Rules for a change, and those that wait for a fact."""

    table = rules
    kind = "rule"

    def count(self) -> int:
        """How many there are."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"rules": 0}
        return int(row["rules"])

    def waiting_for(self, types: Sequence[str]) -> list[WaitingRule]:
        """The enabled rules for facts of these types."""
        about = {"tenant_id": self._tx.tenant_id, "types": list(types)}
        rows = self._tx.fetch_all(_WAITING, about)
        return [WaitingRule(row["id"], definition_of(row)) for row in rows]

    def _aggregate(self, row: sa.RowMapping) -> Rule:
        return Rule(
            id=row["id"],
            version=row["version"],
            definition=definition_of(row),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )

    def _row(self, aggregate: Rule) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            "name": definition.name,
            "fact_type": definition.fact_type,
            "enabled": definition.enabled,
            "template": definition.template,
            "channel": definition.channel,
            "purpose": definition.purpose,
            "delay_seconds": definition.delay_seconds,
            "once_per": definition.once_per.value,
            "condition": definition.condition,
            "recipient": _stored_choice(definition.recipient),
            "variables": definition.variables,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


@dataclass(frozen=True, slots=True)
class WaitingRule:
    """A rule that may fire: not locked, since nothing about it changes."""

    id: UUID
    definition: RuleDefinition


@dataclass(frozen=True, slots=True)
class Firing:
    """That a rule fires for a recipient: once for each subject, whatever comes."""

    rule_id: UUID
    recipient_id: UUID
    subject_id: UUID
    fact_id: UUID


def has_fired_before(tx: UnitOfWork, firing: Firing) -> bool:
    """Note that a rule fires; true when it has done so already, and is not to do it again."""
    about = {
        "tenant_id": tx.tenant_id,
        "rule_id": firing.rule_id,
        "recipient_id": firing.recipient_id,
        "subject_id": firing.subject_id,
        "fact_id": firing.fact_id,
        "now": tx.clock.now(),
    }
    return tx.fetch_one(_FIRE, about) is None


def firings_are_of_both(tx: UnitOfWork, one_id: UUID, other_id: UUID) -> None:
    """Have what fired for either of two people who are one have fired for the other, under either name."""
    for known, new in ((one_id, other_id), (other_id, one_id)):
        tx.write(_SHARE, {"tenant_id": tx.tenant_id, "known_id": known, "new_id": new})


def definition_of(row: Mapping[str, Any] | sa.RowMapping) -> RuleDefinition:
    """What a row says."""
    return RuleDefinition(
        name=row["name"],
        fact_type=row["fact_type"],
        template=row["template"],
        channel=row["channel"],
        purpose=row["purpose"],
        condition=row["condition"],
        recipient=choice_of(row["recipient"]),
        variables={name: VariableSource(**source) for name, source in row["variables"].items()},
        delay_seconds=row["delay_seconds"],
        once_per=OncePer(row["once_per"]),
        enabled=row["enabled"],
    )


def choice_of(stored: Mapping[str, Any]) -> RecipientChoice:
    """Whom a rule writes to, as the column `recipient` holds it."""
    if "permission" in stored:
        return RecipientChoice(
            RecipientKind.HOLDERS,
            stored["role_field"],
            permission=stored["permission"],
            reach=HolderReach(stored["reach"]),
        )
    user_id = stored["user_id"]
    return RecipientChoice(
        RecipientKind(stored["kind"]), stored["field"], None if user_id is None else UUID(user_id)
    )


def _stored_choice(choice: RecipientChoice) -> dict[str, Any]:
    if choice.kind is not RecipientKind.HOLDERS:
        return {"kind": choice.kind.value, "field": choice.field, "user_id": choice.user_id}
    return {
        # To the version before this one, which knows no holders, a rule for a user whom nothing names.
        "kind": RecipientKind.USER.value,
        "field": "",
        "user_id": None,
        "permission": choice.permission,
        "reach": choice.reach.value,
        "role_field": choice.field,
    }


_COUNT = Statement("SELECT count(*) AS rules FROM rules WHERE tenant_id = %(tenant_id)s")
_WAITING = Statement(
    "SELECT id, name, fact_type, enabled, template, channel, purpose, delay_seconds, once_per,"
    " condition, recipient, variables FROM rules"
    " WHERE tenant_id = %(tenant_id)s AND fact_type = ANY(%(types)s) AND enabled ORDER BY id"
)
# By way of the rules, of which there are few: firings are found by their rule, and by nobody's name alone.
_SHARE = Statement(
    "INSERT INTO rule_firings"
    " (tenant_id, rule_id, recipient_id, subject_id, fact_id, fired_at)"
    " SELECT fired.tenant_id, fired.rule_id, %(new_id)s, fired.subject_id, fired.fact_id,"
    " fired.fired_at FROM rules CROSS JOIN LATERAL ("
    " SELECT * FROM rule_firings WHERE tenant_id = rules.tenant_id AND rule_id = rules.id"
    " AND recipient_id = %(known_id)s) fired"
    " WHERE rules.tenant_id = %(tenant_id)s ON CONFLICT DO NOTHING"
)
_FIRE = Statement(
    "INSERT INTO rule_firings"
    " (tenant_id, rule_id, recipient_id, subject_id, fact_id, fired_at)"
    " VALUES (%(tenant_id)s, %(rule_id)s, %(recipient_id)s, %(subject_id)s, %(fact_id)s,"
    " %(now)s) ON CONFLICT DO NOTHING RETURNING rule_id"
)
