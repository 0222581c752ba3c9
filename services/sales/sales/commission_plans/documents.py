"""Terms of commission plans as documents: the same in the database as over REST."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sales.commission_plans.domain import EarningTerms, Participant, Tier, TierMethod
from sales.sales_credits.domain import Basis


def terms_document(terms: EarningTerms) -> dict[str, Any]:
    """The terms as JSON has them."""
    return {
        "basis": terms.basis,
        "rate": _plain(terms.rate),
        "category_rates": {key: _plain(rate) for key, rate in terms.category_rates.items()},
        "tiers": [
            {
                "from_percent": _plain(tier.from_percent),
                "multiplier": _plain(tier.multiplier),
            }
            for tier in terms.tiers
        ],
        "method": terms.method,
    }


def terms_of(document: Mapping[str, Any]) -> EarningTerms:
    """The terms that a document gives."""
    return EarningTerms(
        basis=Basis(document["basis"]),
        rate=Decimal(document["rate"]),
        category_rates={key: Decimal(rate) for key, rate in document["category_rates"].items()},
        tiers=tuple(
            Tier(Decimal(tier["from_percent"]), Decimal(tier["multiplier"]))
            for tier in document["tiers"]
        ),
        method=TierMethod(document["method"]),
    )


def participant_document(one: Participant) -> dict[str, Any]:
    """A participant as JSON has one."""
    return {
        "user_id": str(one.user_id),
        "since": None if one.since is None else one.since.isoformat(),
        "until": None if one.until is None else one.until.isoformat(),
    }


def participant_of(document: Mapping[str, Any]) -> Participant:
    """The participant that a document gives."""
    since, until = document["since"], document["until"]
    return Participant(
        user_id=UUID(document["user_id"]),
        since=None if since is None else date.fromisoformat(since),
        until=None if until is None else date.fromisoformat(until),
    )


def _plain(number: Decimal) -> str:
    """Without an exponent, and without zeros that say nothing."""
    return f"{number.normalize():f}"
