"""How pools of coupons are kept: a row each, and how often their coupons were used in another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from loyalty.coupon_pools.domain import (
    CouponPool,
    IssuedOn,
    Limits,
    PoolKind,
    PoolState,
    PoolTerms,
    Validity,
)
from loyalty.discounts.domain import Benefit, BenefitKind, Conditions, Stacking, StackingRule

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

coupon_pools = sa.Table(
    "coupon_pools",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("description", sa.JSON, nullable=False),
    sa.Column("campaign", _word, nullable=False),
    sa.Column("kind", _word, nullable=False),
    sa.Column("public_code", _word, nullable=False),
    sa.Column("state", _word, nullable=False),
    sa.Column("benefit", sa.JSON, nullable=False),
    sa.Column("conditions", sa.JSON, nullable=False),
    sa.Column("limits", sa.JSON, nullable=False),
    sa.Column("stacking", sa.JSON, nullable=False),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_until", sa.Date),
    sa.Column("valid_days", sa.Integer),
    sa.Column("issued_on", _word, nullable=False),
    sa.Column("template", _word, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class CouponPoolsRepository(Repository[CouponPool]):
    """Pools for a change."""

    table = coupon_pools
    kind = "coupon pool"

    def _aggregate(self, row: sa.RowMapping) -> CouponPool:
        return pool_of(row)

    def _row(self, aggregate: CouponPool) -> dict[str, Any]:
        terms = aggregate.terms
        return {
            "program_id": aggregate.program_id,
            "name": dict(terms.name),
            "description": dict(terms.description),
            "campaign": terms.campaign,
            "kind": aggregate.kind,
            "public_code": aggregate.public_code,
            "state": aggregate.state,
            "benefit": benefit_out(aggregate.benefit),
            "conditions": conditions_out(terms.conditions),
            "limits": asdict(terms.limits),
            "stacking": asdict(terms.stacking),
            "valid_from": terms.validity.first,
            "valid_until": terms.validity.last,
            "valid_days": terms.validity.days,
            "issued_on": terms.issued_on,
            "template": terms.template,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }

    def _stored(self, aggregate: CouponPool, *, new: bool) -> None:
        if new:
            self._tx.write(_TALLY, {"tenant_id": self._tx.tenant_id, "pool_id": aggregate.id})


_TALLY = Statement(
    "INSERT INTO coupon_tallies (tenant_id, pool_id, uses) VALUES (%(tenant_id)s, %(pool_id)s, 0)"
)


def pool_of(row: Mapping[str, Any] | sa.RowMapping) -> CouponPool:
    """The pool that a row of the table stands for."""
    terms = PoolTerms(
        name=row["name"],
        description=row["description"],
        campaign=row["campaign"],
        conditions=conditions_of(row["conditions"]),
        limits=Limits(**row["limits"]),
        stacking=stacking_of(row["stacking"]),
        validity=Validity(row["valid_from"], row["valid_until"], row["valid_days"]),
        issued_on=IssuedOn(row["issued_on"]),
        template=row["template"],
    )
    return CouponPool(
        id=row["id"],
        version=row["version"],
        program_id=row["program_id"],
        kind=PoolKind(row["kind"]),
        public_code=row["public_code"],
        benefit=benefit_of(row["benefit"]),
        terms=terms,
        state=PoolState(row["state"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def benefit_out(benefit: Benefit) -> dict[str, Any]:
    """A benefit as it is kept, and as the API shows it."""
    return {
        "kind": benefit.kind,
        "amount": _money_kept(benefit.amount),
        "percent": None if benefit.percent is None else f"{benefit.percent:f}",
        "skus": list(benefit.skus),
        "quantity": benefit.quantity,
        "gift": dict(benefit.gift),
        "points": benefit.points,
    }


def benefit_of(kept: Mapping[str, Any]) -> Benefit:
    """The benefit that was kept."""
    return Benefit(
        kind=BenefitKind(kept["kind"]),
        amount=_money(kept["amount"]),
        percent=None if kept["percent"] is None else Decimal(kept["percent"]),
        skus=tuple(kept["skus"]),
        quantity=kept["quantity"],
        gift=kept["gift"],
        points=kept["points"],
    )


def conditions_out(asked: Conditions) -> dict[str, Any]:
    """Conditions as they are kept, and as the API shows them."""
    kept = {name: list(getattr(asked, name)) for name in _LISTS}
    return {
        "minimum_spend": _money_kept(asked.minimum_spend),
        **kept,
        "product_ids": [str(one) for one in asked.product_ids],
        "first_purchase_only": asked.first_purchase_only,
    }


_LISTS = ("skus", "categories", "excluded_skus", "excluded_categories", "channels", "branches")


def conditions_of(kept: Mapping[str, Any]) -> Conditions:
    """The conditions that were kept."""
    return Conditions(
        minimum_spend=_money(kept["minimum_spend"]),
        product_ids=tuple(UUID(one) for one in kept["product_ids"]),
        first_purchase_only=kept["first_purchase_only"],
        **{name: tuple(kept[name]) for name in _LISTS},
    )


def stacking_of(kept: Mapping[str, Any]) -> Stacking:
    """The rule that was kept."""
    pools = tuple(UUID(str(one)) for one in kept["pools"])
    return Stacking(StackingRule(kept["rule"]), pools, kept["most_per_basket"])


def _money(kept: Mapping[str, str] | None) -> Money | None:
    return None if kept is None else Money(Decimal(kept["amount"]), kept["currency"])


def _money_kept(given: Money | None) -> dict[str, str] | None:
    return None if given is None else {"amount": f"{given.amount:f}", "currency": given.currency}
