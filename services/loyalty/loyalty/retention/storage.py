"""How a tenant's definition of retention is kept, and the cycles that were estimated from its purchases."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.storage.one_per_tenant import OnePerTenantRepository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.acts.domain import Act
from loyalty.happenings.domain import HappeningKind
from loyalty.retention.domain import RetentionDefinition, Rules, Sign
from loyalty.retention.rhythm import Estimate

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

retention_definitions = sa.Table(
    "retention_definitions",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("rules", sa.JSON, nullable=False),
    sa.Column("rules_version", sa.BigInteger, nullable=False),
    sa.Column("defined_at", _time),
    sa.Column("evaluated_at", _time),
    sa.Column("organisation_zone", _word, nullable=False),
    sa.Column("zone_version", sa.BigInteger, nullable=False),
)
retention_customers = sa.Table(
    "retention_customers",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("rules_version", sa.BigInteger, nullable=False),
    sa.Column("state", _word, nullable=False),
    sa.Column("state_since", _time),
    sa.Column("first_bought_at", _time),
    sa.Column("last_bought_at", _time, nullable=False),
    sa.Column("counted_from", _time),
    sa.Column("drifts_at", _time),
    sa.Column("lapses_at", _time),
    sa.Column("purchases", sa.Integer, nullable=False),
    sa.Column("category", _word, nullable=False),
    sa.Column("cycle_days", sa.Integer, nullable=False),
    sa.Column("cycle_source", _word, nullable=False),
    sa.Column("turnover", sa.Numeric(20, 4)),
    sa.Column("currency", _word),
    sa.Column("value_band", _word),
)

_OWN = ("rules_version", "defined_at", "evaluated_at", "organisation_zone", "zone_version")
_MAKE = Statement(
    "INSERT INTO retention_definitions (tenant_id, id, version, rules, rules_version,"
    " organisation_zone, zone_version)"
    " VALUES (%(tenant_id)s, %(tenant_id)s, 0, '{}', 0, 'UTC', 0) ON CONFLICT DO NOTHING"
)
_READ = Statement(
    "SELECT version, rules, rules_version, defined_at, evaluated_at, organisation_zone, zone_version"
    " FROM retention_definitions WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)
_ESTIMATES = Statement(
    "SELECT category, days, buyers FROM retention_cycles WHERE tenant_id = %(tenant_id)s"
)


class RetentionDefinitionsRepository(OnePerTenantRepository[RetentionDefinition]):
    """A tenant's one definition for a change."""

    table = retention_definitions
    kind = "retention definition"
    make = _MAKE

    def _aggregate(self, row: sa.RowMapping) -> RetentionDefinition:
        return _definition_of(row, row["id"])

    def _row(self, aggregate: RetentionDefinition) -> dict[str, Any]:
        rules = _rules_out(aggregate.rules)
        return {"rules": rules, **{name: getattr(aggregate, name) for name in _OWN}}


def definition_of(reading: Reading | UnitOfWork) -> RetentionDefinition:
    """The tenant's definition to go by, read without a lock; one by which nobody is judged without any."""
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise RuntimeError("a definition is a tenant's")
    row = reading.fetch_one(_READ, {"tenant_id": tenant_id})
    return RetentionDefinition(id=tenant_id) if row is None else _definition_of(row, tenant_id)


def estimates_of(reading: Reading | UnitOfWork) -> dict[str, Estimate]:
    """The cycles that were estimated from the tenant's purchases, by category."""
    rows = reading.fetch_all(_ESTIMATES, {"tenant_id": reading.caller.tenant_id})
    return {row["category"]: Estimate(row["days"], row["buyers"]) for row in rows}


def _definition_of(row: Mapping[str, Any] | sa.RowMapping, tenant_id: UUID) -> RetentionDefinition:
    rules = _rules_in(row["rules"]) if row["rules"] else Rules()
    known = {name: row[name] for name in _OWN}
    return RetentionDefinition(id=tenant_id, version=row["version"], rules=rules, **known)


def _rules_out(rules: Rules) -> dict[str, Any]:
    high = rules.high_value
    return {
        "cycles": dict(rules.cycles),
        "default_cycle_days": rules.default_cycle_days,
        "least_buyers": rules.least_buyers,
        "own_from_purchases": rules.own_from_purchases,
        "drift_factor": f"{rules.drift_factor:f}",
        "lapse_factor": f"{rules.lapse_factor:f}",
        "signs": [
            {
                "kind": sign.act.kind,
                "interaction_kind": sign.act.interaction_kind,
                "channel": sign.act.channel,
                "weight": f"{sign.weight:f}",
            }
            for sign in rules.signs
        ],
        "high_value": None if high is None else [f"{high.amount:f}", high.currency],
        "early_days": rules.early_days,
        "evaluate_hour": rules.evaluate_hour,
        "time_zone": rules.time_zone,
    }


def _rules_in(given: Mapping[str, Any]) -> Rules:
    known = dict(given)
    known["drift_factor"] = Decimal(given["drift_factor"])
    known["lapse_factor"] = Decimal(given["lapse_factor"])
    known["signs"] = tuple(_sign_in(sign) for sign in given["signs"])
    high = given["high_value"]
    known["high_value"] = None if high is None else Money(Decimal(high[0]), high[1])
    return Rules(**known)


def _sign_in(given: Mapping[str, Any]) -> Sign:
    act = Act(HappeningKind(given["kind"]), given["interaction_kind"], given["channel"])
    return Sign(act, Decimal(given["weight"]))
