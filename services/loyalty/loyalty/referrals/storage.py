"""How referrals are kept: a row each, with the policy that held when the friend came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.money import rounded
from chassis.storage.repository import Repository
from loyalty.referral_terms.storage import document_of, policy_of
from loyalty.referrals.domain import Reason, Referral, ReferralState, Rewarding, Side

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

referrals = sa.Table(
    "referrals",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("code_id", _uuid, nullable=False),
    sa.Column("referrer_person_id", _uuid),
    sa.Column("friend_person_id", _uuid),
    sa.Column("state", _word, nullable=False),
    sa.Column("policy", sa.JSON, nullable=False),
    sa.Column("claimed_at", _time, nullable=False),
    sa.Column("expires_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("completed_at", _time),
    sa.Column("order_id", _uuid),
    sa.Column("order_amount", sa.Numeric(20, 4)),
    sa.Column("order_currency", _word),
    sa.Column("reason", _word),
    sa.Column("decided_by", _word, nullable=False),
    sa.Column("capped", sa.Boolean, nullable=False),
    sa.Column("rewards", sa.JSON, nullable=False),
    sa.Column("referrer_rewarded_at", _time),
)
_PLAIN = (
    "program_id",
    "code_id",
    "referrer_person_id",
    "friend_person_id",
    "claimed_at",
    "expires_at",
    "updated_at",
    "completed_at",
    "order_id",
    "decided_by",
    "capped",
)


class ReferralsRepository(Repository[Referral]):
    """Referrals for a change."""

    table = referrals
    kind = "referral"

    def named(self, key: str) -> Sequence[Referral]:
        """The referral whose id somebody else knows as a word, locked; nothing for any other word."""
        try:
            return self.get_many([UUID(key)])
        except ValueError:
            return []

    def _aggregate(self, row: sa.RowMapping) -> Referral:
        return referral_of(row)

    def _row(self, aggregate: Referral) -> dict[str, Any]:
        value, referrer = aggregate.order_value, aggregate.rewards.get(Side.REFERRER)
        return {
            **{name: getattr(aggregate, name) for name in _PLAIN},
            "state": aggregate.state,
            "policy": document_of(aggregate.policy),
            "order_amount": None if value is None else value.amount,
            "order_currency": None if value is None else value.currency,
            "reason": aggregate.reason,
            "rewards": {side.value: _out(one) for side, one in aggregate.rewards.items()},
            "referrer_rewarded_at": None if referrer is None else referrer.at,
        }


def referral_of(row: Mapping[str, Any] | sa.RowMapping) -> Referral:
    """The referral that a row of the table stands for."""
    value, currency = None, row["order_currency"]
    if currency is not None:
        value = Money(rounded(row["order_amount"], currency), currency)
    return Referral(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _PLAIN},
        state=ReferralState(row["state"]),
        policy=policy_of(row["policy"]),
        order_value=value,
        reason=None if row["reason"] is None else Reason(row["reason"]),
        rewards={Side(side): _in(one) for side, one in row["rewards"].items()},
    )


def _out(one: Rewarding) -> dict[str, Any]:
    return {"at": one.at.isoformat(), "member_id": str(one.member_id), "points": one.points}


def _in(kept: Mapping[str, Any]) -> Rewarding:
    at, member_id = datetime.fromisoformat(kept["at"]), UUID(kept["member_id"])
    return Rewarding(at, member_id, kept["points"])
