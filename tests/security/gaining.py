"""How records of what members earn by, and within which limits, are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from chassis.context import service_caller
from loyalty.limits.domain import Act
from loyalty.limits.operations import check
from loyalty.transaction import LoyaltyTx

_NAME = "Amphitrite"
"""The estate's mark."""


def gaining_recipes(posted: Callable[..., Any]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""

    def review(owned: Any) -> str:
        """A member who recommends twice where once is usual."""

        def recommend(tx: LoyaltyTx) -> UUID | None:
            member_id = UUID(owned.ids["member_id"])
            check(tx, member_id, Act.REFERRAL, key="first")
            return check(tx, member_id, Act.REFERRAL, key="second").review_id

        operations = owned.services["loyalty"].harness.service.operations
        return str(operations.run(service_caller("loyalty", owned.tenant_id), recommend))

    return {
        "earning_rule_id": posted(
            "/v1/loyalty/earning-rules",
            program_id=lambda owned: owned.ids["program_id"],
            name=_NAME,
            trigger="order_delivered",
            gives={"kind": "fixed", "points": 10},
        ),
        "velocity_rule_id": posted(
            "/v1/loyalty/velocity-rules",
            program_id=lambda owned: owned.ids["program_id"],
            name=_NAME,
            act="referral",
            most=1,
            window_minutes=60,
            response="hold",
        ),
        "velocity_review_id": review,
    }
