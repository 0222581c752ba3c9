"""How records of what keeps customers are made for the estate: a score, a customer, a win-back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.context import Caller
from chassis.domain import Money
from chassis.testing.client import ApiAnswer
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.happenings.reactions import Happenings
from loyalty.hearing import HEARERS
from loyalty.transaction import LoyaltyTx

_NAME = "Amphitrite"
"""The estate's mark."""
_AT = datetime(2026, 1, 10, tzinfo=UTC)


def retaining_recipes(
    posted: Callable[..., Any], good: Callable[[ApiAnswer, str], ApiAnswer]
) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""
    win_back = posted(
        "/v1/loyalty/win-backs",
        program_id=lambda owned: owned.ids["program_id"],
        name={"en": _NAME},
        audience={"states": ["lapsed"]},
        offer={"kind": "message", "template": "win_back"},
    )

    def bought(owned: Any) -> str:
        """The person has bought, so that they are a customer with a score."""
        owner = owned.owner("loyalty")
        for path in ("/v1/loyalty/engagement-scheme", "/v1/loyalty/retention-definition"):
            good(owner.put(path, {}), path)
        happening = Happening(
            id=UUID(int=4711),
            kind=HappeningKind.ORDER_DELIVERED,
            key="A-4711",
            person_id=UUID(owned.ids["person_id"]),
            happened_at=_AT,
            judged_at=_AT,
            value=Money(Decimal("100.00"), "TWD"),
            order_id=UUID(int=4711),
        )

        def hear(tx: LoyaltyTx) -> None:
            Happenings(HEARERS).happened(tx, happening)

        operations = owned.services["loyalty"].harness.service.operations
        operations.run(Caller(owned.home.tenant_id, "test"), hear)
        return str(win_back(owned))

    return {
        "win_back_id": bought,
        "first_on": lambda _: "2026-01-01",
        "last_on": lambda _: "2026-03-31",
        "day": lambda _: "2026-01-15",
    }
