"""How earning rules are kept: a row each, and one for every version that was ever in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.earning_rules.domain import EarningRule, RuleStatus
from loyalty.earning_rules.encoding import kept, terms_of
from loyalty.earning_terms.domain import RuleInForce
from loyalty.happenings.domain import HappeningKind

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

earning_rules = sa.Table(
    "earning_rules",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("name", _word, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("trigger", _word, nullable=False),
    sa.Column("terms", sa.JSON, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("changed", sa.Boolean, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class EarningRulesRepository(Repository[EarningRule]):
    """Earning rules for a change."""

    table = earning_rules
    kind = "earning rule"

    def _aggregate(self, row: sa.RowMapping) -> EarningRule:
        return rule_of(row)

    def _row(self, aggregate: EarningRule) -> dict[str, Any]:
        own = ("program_id", "status", "number", "changed", "created_at", "updated_at")
        return {
            **{name: getattr(aggregate, name) for name in own},
            "name": aggregate.terms.name,
            "trigger": aggregate.terms.trigger,
            "terms": kept(aggregate.terms),
        }

    def _stored(self, aggregate: EarningRule, *, new: bool) -> None:  # noqa: ARG002 - its versions show
        about = {"tenant_id": self._tx.tenant_id, "rule_id": aggregate.id}
        if aggregate.ended_at is not None:
            self._tx.write(_END, {**about, "at": aggregate.ended_at}, guarded=True)
        if aggregate.begun_at is not None:
            version = {
                **about,
                "number": aggregate.number,
                "program_id": aggregate.program_id,
                "trigger": aggregate.terms.trigger,
                "terms": json_text(kept(aggregate.terms)),
                "at": aggregate.begun_at,
            }
            self._tx.write(_BEGIN, version)
        aggregate.ended_at = aggregate.begun_at = None


def rule_of(row: Mapping[str, Any] | sa.RowMapping) -> EarningRule:
    """The rule that a row of the table stands for."""
    own = ("id", "version", "program_id", "number", "changed", "created_at", "updated_at")
    return EarningRule(
        **{name: row[name] for name in own},
        status=RuleStatus(row["status"]),
        terms=terms_of(row["terms"]),
    )


def rules_in_force(
    reading: Reading | UnitOfWork, trigger: HappeningKind, at: datetime
) -> Sequence[RuleInForce]:
    """The versions that were in force at a time, of all programs, the oldest rule first."""
    about = {"tenant_id": reading.caller.tenant_id, "trigger": trigger, "at": at}
    return [in_force(row) for row in reading.fetch_all(_IN_FORCE, about)]


def in_force(row: Mapping[str, Any]) -> RuleInForce:
    """The version that a row of the table of versions stands for."""
    return RuleInForce(row["rule_id"], row["number"], row["program_id"], terms_of(row["terms"]))


_END = Statement(
    "UPDATE earning_rule_versions SET valid_until = %(at)s WHERE tenant_id = %(tenant_id)s"
    " AND rule_id = %(rule_id)s AND valid_until IS NULL"
)
_BEGIN = Statement(
    "INSERT INTO earning_rule_versions"
    " (tenant_id, rule_id, number, program_id, trigger, terms, valid_from)"
    " VALUES (%(tenant_id)s, %(rule_id)s, %(number)s, %(program_id)s, %(trigger)s, %(terms)s,"
    " %(at)s)"
)
_IN_FORCE = Statement(
    "SELECT rule_id, number, program_id, terms FROM earning_rule_versions"
    " WHERE tenant_id = %(tenant_id)s AND trigger = %(trigger)s AND valid_from <= %(at)s"
    " AND (valid_until IS NULL OR valid_until > %(at)s) ORDER BY rule_id"
)
