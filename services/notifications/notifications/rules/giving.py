"""Gives tenants the rules that they start with, and those that came with a later version since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid5

import sqlalchemy as sa

from chassis.context import service_caller
from chassis.events.reactions import Envelope
from chassis.storage.database import Database
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations
from chassis.work.periodic import PeriodicWork
from notifications.rules.decision_rules import DECISION_RULES
from notifications.rules.domain import Rule, RuleDefinition
from notifications.rules.first_rules import DESK_RULES, FIRST_RULES, MEMBER_RULES
from notifications.transaction import NotificationsTx
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated

_EVERY = timedelta(hours=1)

SERIES: tuple[tuple[RuleDefinition, ...], ...] = (
    (*FIRST_RULES, *DESK_RULES, *MEMBER_RULES),
    DECISION_RULES,
)
"""What came with which version: a rule that comes later is in a series of its own, at the end."""


def on_tenant_created(tx: NotificationsTx, _fact: TenantCreated, _envelope: Envelope) -> None:
    """Have a new tenant start with rules, which are its own to change; a second time changes nothing."""
    _series_given(tx)
    _give(tx, range(len(SERIES)))


def give_later_rules(tx: NotificationsTx) -> None:
    """Give a tenant that was here before the rules that it has not been given yet.

    Each is given once: one that the tenant has removed does not come back.
    """
    _give(tx, range(_series_given(tx), len(SERIES)))


def giving_work(
    database: Database, operations: Operations[NotificationsTx], service: str
) -> PeriodicWork:
    """Has tenants given what they lack; there is nothing to do but after a new version has come."""

    def give() -> None:
        with database.system_transaction() as connection:
            tenants = connection.execute(_LACKING, {"series": len(SERIES)}).scalars().all()
        for tenant_id in tenants:
            operations.run(service_caller(service, tenant_id), give_later_rules)

    return PeriodicWork("give later first rules", _EVERY, give)


def rule_id_of(tenant_id: UUID, place: int, definition: RuleDefinition) -> UUID:
    """By what a tenant's rule of the series at `place` is known, whatever the tenant makes of it."""
    name = definition.fact_type
    if place:
        name = f"{name}:{definition.recipient.kind}"
    return uuid5(tenant_id, f"rule:{name}")


def _give(tx: NotificationsTx, places: Iterable[int]) -> None:
    given = {
        rule_id_of(tx.tenant_id, place, definition): definition
        for place in places
        for definition in SERIES[place]
    }
    there = {rule.id for rule in tx.rules.get_many(list(given))}
    for rule_id, definition in given.items():
        if rule_id not in there:
            tx.rules.add(Rule.define(rule_id, definition, tx.clock.now()))
    tx.write(_NOTE, {"tenant_id": tx.tenant_id, "series": len(SERIES)})


def _series_given(tx: NotificationsTx) -> int:
    """How many series the tenant was given; whoever else gives it some waits from here on."""
    row = tx.fetch_one(_HOLD, {"tenant_id": tx.tenant_id})
    return 1 if row is None else int(row["series"])


# One that a version before this one has given its rules is noted nowhere: it has the first series.
_HOLD = Statement(
    "INSERT INTO first_rules_given (tenant_id, series) VALUES (%(tenant_id)s, 1)"
    " ON CONFLICT (tenant_id) DO UPDATE SET series = first_rules_given.series RETURNING series"
)
_NOTE = Statement(
    "UPDATE first_rules_given SET series = greatest(series, %(series)s)"
    " WHERE tenant_id = %(tenant_id)s"
)
# One without any rule, of which nothing is noted, has not been told of yet: it is given all of them then.
_LACKING = sa.text(
    "SELECT tenant_id FROM first_rules_given WHERE series < :series"
    " UNION"
    " SELECT DISTINCT rules.tenant_id FROM rules WHERE NOT EXISTS ("
    " SELECT FROM first_rules_given given WHERE given.tenant_id = rules.tenant_id)"
)
