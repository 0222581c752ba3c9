"""How records of members' points are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from chassis.context import service_caller
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import earn
from loyalty.transaction import LoyaltyTx

_REASON = "Amphitrite"
"""The estate's mark."""


def pointing_recipes(posted: Callable[..., Any]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""

    def transaction(owned: Any) -> str:
        """Points that a member has earned."""

        def earned(tx: LoyaltyTx) -> UUID:
            return earn(tx, UUID(owned.ids["member_id"]), 10, Cause("earning", _REASON)).id

        operations = owned.services["loyalty"].harness.service.operations
        return str(operations.run(service_caller("loyalty", owned.tenant_id), earned))

    return {
        "transaction_id": transaction,
        "points_adjustment_id": posted(
            "/v1/loyalty/adjustments",
            member_id=lambda owned: owned.ids["member_id"],
            points=50,
            reason=_REASON,
        ),
    }
