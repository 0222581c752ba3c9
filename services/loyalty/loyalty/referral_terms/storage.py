"""How referral terms are kept: a row for each program, with the policy as a document."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from loyalty.gifts import documents
from loyalty.referral_terms.domain import CapPeriod, CompletedBy, ReferralPolicy, ReferralTerms

referral_terms = sa.Table(
    "referral_terms",
    sa.MetaData(),
    sa.Column("tenant_id", PgUUID(as_uuid=True), primary_key=True),
    sa.Column("id", PgUUID(as_uuid=True), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("policy", sa.JSON, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
)
_PLAIN = (
    "enabled",
    "window_days",
    "most_rewarded",
    "hold_above",
    "reversal_days",
    "sign_up_url",
    "code_parameter",
)


class ReferralTermsRepository(Repository[ReferralTerms]):
    """Referral terms for a change."""

    table = referral_terms
    kind = "referral terms"

    def _aggregate(self, row: sa.RowMapping) -> ReferralTerms:
        return terms_of(row)

    def _row(self, aggregate: ReferralTerms) -> dict[str, Any]:
        return {"policy": document_of(aggregate.policy), "updated_at": aggregate.updated_at}


def terms_of(row: Mapping[str, Any] | sa.RowMapping) -> ReferralTerms:
    """The terms that a row of the table stands for."""
    return ReferralTerms(
        id=row["id"],
        version=row["version"],
        policy=policy_of(row["policy"]),
        updated_at=row["updated_at"],
    )


def document_of(policy: ReferralPolicy) -> dict[str, Any]:
    """What is kept of a policy."""
    least = policy.minimum_order
    return {
        **{name: getattr(policy, name) for name in _PLAIN},
        "referrer_gift": documents.document_of(policy.referrer_gift),
        "friend_gift": documents.document_of(policy.friend_gift),
        "completed_by": policy.completed_by.value,
        "minimum_order": None if least is None else f"{least:f}",
        "cap_period": policy.cap_period.value,
    }


def policy_of(document: Mapping[str, Any]) -> ReferralPolicy:
    """The policy that was kept."""
    least = document["minimum_order"]
    return ReferralPolicy(
        **{name: document[name] for name in _PLAIN},
        referrer_gift=documents.gift_of(document["referrer_gift"]),
        friend_gift=documents.gift_of(document["friend_gift"]),
        completed_by=CompletedBy(document["completed_by"]),
        minimum_order=None if least is None else Decimal(least),
        cap_period=CapPeriod(document["cap_period"]),
    )
