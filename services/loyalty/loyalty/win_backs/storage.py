"""How win-backs are kept: a row each, and a row for each customer who was made an offer or held out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from loyalty.retention.domain import CustomerState, ValueBand
from loyalty.win_backs.domain import Audience, Offer, OfferKind, Plan, WinBack, WinBackStatus

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

win_backs = sa.Table(
    "win_backs",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("audience", sa.JSON, nullable=False),
    sa.Column("offer", sa.JSON, nullable=False),
    sa.Column("counts_days", sa.Integer, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("begun_at", _time),
    sa.Column("ended_at", _time),
)
win_back_offers = sa.Table(
    "win_back_offers",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("win_back_id", _uuid, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("member_id", _uuid, nullable=False),
    sa.Column("customer_id", _uuid, nullable=False),
    sa.Column("buyer_id", _uuid, nullable=False),
    sa.Column("absent_since", _time, nullable=False),
    sa.Column("state", _word, nullable=False),
    sa.Column("value_band", _word),
    sa.Column("held_out", sa.Boolean, nullable=False),
    sa.Column("coupon_id", _uuid),
    sa.Column("made_at", _time, nullable=False),
    sa.Column("counts_until", _time, nullable=False),
    sa.Column("won_at", _time),
)

_OWN = ("program_id", "created_at", "updated_at", "begun_at", "ended_at")


class WinBacksRepository(Repository[WinBack]):
    """Win-backs for a change."""

    table = win_backs
    kind = "win-back"

    def _aggregate(self, row: sa.RowMapping) -> WinBack:
        return win_back_of(row)

    def _row(self, aggregate: WinBack) -> dict[str, Any]:
        plan = aggregate.plan
        return {
            "name": dict(plan.name),
            "audience": _audience_out(plan.audience),
            "offer": _offer_out(plan.offer),
            "counts_days": plan.counts_days,
            "status": aggregate.status,
            **{name: getattr(aggregate, name) for name in _OWN},
        }


def win_back_of(row: Mapping[str, Any] | sa.RowMapping) -> WinBack:
    """The win-back that a row stands for."""
    plan = Plan(
        name=row["name"],
        audience=_audience_in(row["audience"]),
        offer=_offer_in(row["offer"]),
        counts_days=row["counts_days"],
    )
    known = {name: row[name] for name in _OWN}
    status = WinBackStatus(row["status"])
    return WinBack(id=row["id"], version=row["version"], plan=plan, status=status, **known)


def _audience_out(audience: Audience) -> dict[str, Any]:
    return {
        "states": list(audience.states),
        "value_bands": list(audience.value_bands),
        "wait_days": audience.wait_days,
        "between_days": audience.between_days,
        "control_percent": f"{audience.control_percent:f}",
    }


def _audience_in(given: Mapping[str, Any]) -> Audience:
    return Audience(
        states=tuple(CustomerState(state) for state in given["states"]),
        value_bands=tuple(ValueBand(band) for band in given["value_bands"]),
        wait_days=given["wait_days"],
        between_days=given["between_days"],
        control_percent=Decimal(given["control_percent"]),
    )


def _offer_out(offer: Offer) -> dict[str, Any]:
    return {
        "kind": offer.kind,
        "points": offer.points,
        "points_days": offer.points_days,
        "pool_id": None if offer.pool_id is None else str(offer.pool_id),
        "template": offer.template,
        "purpose": offer.purpose,
    }


def _offer_in(given: Mapping[str, Any]) -> Offer:
    pool_id = None if given["pool_id"] is None else UUID(given["pool_id"])
    known = {name: given[name] for name in ("points", "points_days", "template", "purpose")}
    return Offer(kind=OfferKind(given["kind"]), pool_id=pool_id, **known)
