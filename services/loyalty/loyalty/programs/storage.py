"""How programs are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from loyalty.programs.domain import (
    AdjustmentPolicy,
    Enrolment,
    ExpiryEnd,
    ExpiryKind,
    ExpiryPolicy,
    LeapDay,
    NumberFormat,
    PendingPolicy,
    Policies,
    Program,
    ProgramStatus,
    ProgramTerms,
    PurchaseMoment,
    RefundPolicy,
    WhenSpent,
)

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

programs = sa.Table(
    "programs",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("name", _word, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("points_name", sa.JSON, nullable=False),
    sa.Column("currency", _word, nullable=False),
    sa.Column("point_value", sa.Numeric(20, 6), nullable=False),
    sa.Column("time_zone", _word, nullable=False),
    sa.Column("leap_day", _word, nullable=False),
    sa.Column("enrolment", sa.JSON, nullable=False),
    sa.Column("numbers", sa.JSON, nullable=False),
    sa.Column("policies", sa.JSON, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("redeem_until", sa.Date),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("opened_at", _time),
    sa.Column("closed_at", _time),
)


class ProgramsRepository(Repository[Program]):
    """Programs for a change."""

    table = programs
    kind = "program"

    def _aggregate(self, row: sa.RowMapping) -> Program:
        return program_of(row)

    def _row(self, aggregate: Program) -> dict[str, Any]:
        terms = aggregate.terms
        plain = ("name", "description", "points_name", "currency", "point_value", "time_zone")
        own = ("key", "redeem_until", "created_at", "updated_at", "opened_at", "closed_at")
        return {
            **{name: getattr(terms, name) for name in plain},
            **{name: getattr(aggregate, name) for name in own},
            "leap_day": terms.leap_day,
            "enrolment": asdict(terms.enrolment),
            "numbers": asdict(terms.numbers),
            "policies": asdict(terms.policies),
            "status": aggregate.status,
        }


def program_of(row: Mapping[str, Any] | sa.RowMapping) -> Program:
    """The program that a row of the table stands for."""
    own = ("id", "version", "key", "redeem_until", "created_at", "updated_at")
    return Program(
        **{name: row[name] for name in own},
        terms=terms_of(row),
        status=ProgramStatus(row["status"]),
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
    )


def terms_of(row: Mapping[str, Any] | sa.RowMapping) -> ProgramTerms:
    """The terms that a row states."""
    enrolment, first = row["enrolment"], row["enrolment"]["first_purchase"]
    return ProgramTerms(
        name=row["name"],
        currency=row["currency"],
        description=row["description"],
        points_name=row["points_name"],
        point_value=row["point_value"],
        time_zone=row["time_zone"],
        leap_day=LeapDay(row["leap_day"]),
        enrolment=Enrolment(
            by_api=enrolment["by_api"],
            interaction_kinds=tuple(enrolment["interaction_kinds"]),
            first_purchase=None if first is None else PurchaseMoment(first),
        ),
        numbers=NumberFormat(**row["numbers"]),
        policies=policies_of(row["policies"]),
    )


def policies_of(content: Mapping[str, Any]) -> Policies:
    """The policies that the column `policies` holds."""
    expiry = content["expiry"]
    return Policies(
        pending=PendingPolicy(**content["pending"]),
        expiry=ExpiryPolicy(
            **{
                **expiry,
                "kind": ExpiryKind(expiry["kind"]),
                "at_end_of": ExpiryEnd(expiry["at_end_of"]),
                "notice_days": tuple(expiry["notice_days"]),
            }
        ),
        refunds=RefundPolicy(WhenSpent(content["refunds"]["when_spent"])),
        adjustments=AdjustmentPolicy(**content["adjustments"]),
    )
