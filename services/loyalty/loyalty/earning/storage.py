"""How judgements are kept: a row for each rule that was asked about a happening of a member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.earning.domain import Earning, Outcome, Share
from loyalty.earning.judging import Judgement, Used

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

earnings = sa.Table(
    "earnings",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("member_id", _uuid, nullable=False),
    sa.Column("rule_id", _uuid, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("happening_id", _uuid, nullable=False),
    sa.Column("kind", _word, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("order_id", _uuid),
    sa.Column("reference", _word, nullable=False),
    sa.Column("happened_at", _time, nullable=False),
    sa.Column("judged_at", _time, nullable=False),
    sa.Column("counted_on", sa.Date, nullable=False),
    sa.Column("outcome", _word, nullable=False),
    sa.Column("reason", _word, nullable=False),
    sa.Column("base_amount", sa.Numeric(20, 4)),
    sa.Column("currency", _word),
    sa.Column("computed", sa.BigInteger, nullable=False),
    sa.Column("points", sa.BigInteger, nullable=False),
    sa.Column("taken_back", sa.BigInteger, nullable=False),
    sa.Column("counts_from", _time),
    sa.Column("shares", sa.JSON, nullable=False),
    sa.Column("cuts", sa.JSON, nullable=False),
    sa.Column("review_id", _uuid),
    sa.Column("tier", _word),
    sa.Column("created_at", _time, nullable=False),
)


def keep(tx: UnitOfWork, judgement: Judgement, about: Mapping[str, Any]) -> None:
    """Keep a judgement; `about` has the columns that tell of the happening and the member."""
    cuts = [
        {"measure": cut.measure.value, "per": cut.per.value, "limit": cut.limit, "used": cut.used}
        for cut in judgement.cuts
    ]
    row = {
        **about,
        "tenant_id": tx.tenant_id,
        "rule_id": judgement.rule.rule_id,
        "reason": about["reason"] or judgement.reason,
        "number": judgement.rule.number,
        "tier": judgement.rule.tier,
        "base_amount": judgement.base_amount,
        "computed": judgement.computed,
        "points": judgement.points,
        "shares": json_text(_shares_out(judgement.shares)),
        "cuts": json_text(cuts),
    }
    tx.write(_KEEP, row)


def used_of(tx: UnitOfWork, member_id: UUID, rule_id: UUID, first: date, last: date) -> Used:
    """What a rule gave a member from one day to another, less what was taken back; held points count."""
    about = {"tenant_id": tx.tenant_id, "member_id": member_id, "rule_id": rule_id}
    row = tx.fetch_one(_USED, {**about, "first": first, "last": last})
    return Used() if row is None else Used(int(row["points"]), row["times"])


def earnings_of_order(tx: UnitOfWork, order_id: UUID) -> Sequence[Earning]:
    """What was given, or is held, for all that befell an order; locked."""
    rows = tx.fetch_all(_OF_ORDER, {"tenant_id": tx.tenant_id, "order_id": order_id})
    return [_earning(row) for row in rows]


def earnings_of_referral(tx: UnitOfWork, referral_id: UUID) -> Sequence[Earning]:
    """What was given, or is held, for a recommendation that counted; locked."""
    about = {"tenant_id": tx.tenant_id, "key": str(referral_id)}
    return [_earning(row) for row in tx.fetch_all(_OF_REFERRAL, about)]


def earnings_of_review(tx: UnitOfWork, review_id: UUID) -> Sequence[Mapping[str, Any]]:
    """What waits for a review, as rows; locked."""
    return tx.fetch_all(_OF_REVIEW, {"tenant_id": tx.tenant_id, "review_id": review_id})


def orders_of_review(tx: UnitOfWork, review_id: UUID) -> Sequence[UUID]:
    """The orders about which something waits for a review, in the order of their ids."""
    about = {"tenant_id": tx.tenant_id, "review_id": review_id}
    return [row["order_id"] for row in tx.fetch_all(_ORDERS_OF_REVIEW, about)]


def note_taken_back(tx: UnitOfWork, earning: Earning) -> None:
    """Note how much of an earning went back, and for which money."""
    values = {"taken_back": earning.taken_back, "shares": json_text(_shares_out(earning.shares))}
    tx.write(_TAKEN_BACK, {"tenant_id": tx.tenant_id, "id": earning.id, **values})


def note_decision(tx: UnitOfWork, earning_id: UUID, outcome: Outcome) -> None:
    """Note what a review decided about a held earning."""
    tx.write(_DECIDED, {"tenant_id": tx.tenant_id, "id": earning_id, "outcome": outcome})


def refunds_of_order(tx: Reading | UnitOfWork, order_id: UUID) -> Mapping[str, Decimal]:
    """How much was refunded of each line of an order in all."""
    about = {"tenant_id": tx.caller.tenant_id, "order_id": order_id}
    refunded: dict[str, Decimal] = {}
    for row in tx.fetch_all(_REFUNDS, about):
        for line in row["lines"]:
            before = refunded.get(line["line_id"], Decimal(0))
            refunded[line["line_id"]] = before + Decimal(line["total"])
    return refunded


def is_cancelled(tx: UnitOfWork, order_id: UUID) -> bool:
    """Whether an order was called off."""
    about = {"tenant_id": tx.tenant_id, "order_id": order_id}
    return tx.fetch_one(_CANCELLED, about) is not None


def is_reversed(tx: UnitOfWork, referral_id: UUID) -> bool:
    """Whether a referral was reversed, which is for good."""
    about = {"tenant_id": tx.tenant_id, "referral_id": referral_id}
    return tx.fetch_one(_REVERSED, about) is not None


def lock(tx: UnitOfWork, what: str) -> None:
    """Have nobody else deal with the same thing of this tenant until the transaction ends."""
    tx.fetch_one(_LOCK, {"name": f"earning {tx.tenant_id} {what}"})


def _earning(row: Mapping[str, Any]) -> Earning:
    own = ("id", "member_id", "rule_id", "kind", "key", "reference", "happened_at")
    return Earning(
        **{name: row[name] for name in own},
        outcome=Outcome(row["outcome"]),
        points=row["points"],
        taken_back=row["taken_back"],
        shares=[
            Share(
                one["line"], Decimal(one["amount"]), Fraction(one["weight"]), Decimal(one["back"])
            )
            for one in row["shares"]
        ],
    )


def _shares_out(shares: Sequence[Share]) -> list[dict[str, str]]:
    return [
        {
            "line": share.line_id,
            "amount": f"{share.amount:f}",
            "weight": str(share.weight),
            "back": f"{share.refunded:f}",
        }
        for share in shares
    ]


_OWN = [column.name for column in earnings.c if column.name != "taken_back"]
_KEEP = Statement(
    f"INSERT INTO earnings ({', '.join(_OWN)})"  # noqa: S608 - names of our own columns
    f" VALUES ({', '.join(f'%({name})s' for name in _OWN)})"
)
_USED = Statement(
    "SELECT coalesce(sum(points - taken_back), 0) AS points,"
    " count(*) FILTER (WHERE points > taken_back) AS times FROM earnings"
    " WHERE tenant_id = %(tenant_id)s AND rule_id = %(rule_id)s AND member_id = %(member_id)s"
    " AND counted_on BETWEEN %(first)s AND %(last)s AND outcome IN ('earned', 'held')"
)
_OF_ORDER = Statement(
    "SELECT id, member_id, rule_id, kind, key, reference, happened_at, outcome, points, taken_back,"
    " shares FROM earnings WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s"
    " AND outcome IN ('earned', 'held') AND points > 0 ORDER BY member_id, id FOR UPDATE"
)
_OF_REFERRAL = Statement(
    "SELECT id, member_id, rule_id, kind, key, reference, happened_at, outcome, points, taken_back,"
    " shares FROM earnings WHERE tenant_id = %(tenant_id)s AND kind = 'referral_completed'"
    " AND key = %(key)s AND outcome IN ('earned', 'held') AND points > 0"
    " ORDER BY member_id, id FOR UPDATE"
)
_OF_REVIEW = Statement(
    "SELECT id, member_id, rule_id, kind, key, reference, order_id, points, taken_back, counts_from"
    " FROM earnings WHERE tenant_id = %(tenant_id)s AND review_id = %(review_id)s"
    " AND outcome = 'held' ORDER BY member_id, id FOR UPDATE"
)
_ORDERS_OF_REVIEW = Statement(
    "SELECT DISTINCT order_id FROM earnings WHERE tenant_id = %(tenant_id)s"
    " AND review_id = %(review_id)s AND order_id IS NOT NULL ORDER BY order_id"
)
_TAKEN_BACK = Statement(
    "UPDATE earnings SET taken_back = %(taken_back)s, shares = %(shares)s"
    " WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_DECIDED = Statement(
    "UPDATE earnings SET outcome = %(outcome)s WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_REFUNDS = Statement(
    "SELECT lines FROM happenings WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s"
    " AND kind = 'order_refunded'"
)
_CANCELLED = Statement(
    "SELECT id FROM happenings WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s"
    " AND kind = 'order_cancelled'"
)
_REVERSED = Statement(
    "SELECT id FROM referrals WHERE tenant_id = %(tenant_id)s AND id = %(referral_id)s"
    " AND state = 'reversed'"
)
_LOCK = Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))")
