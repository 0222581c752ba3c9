"""How records of what is expected, and of what people earn by it, are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_MARK = "Amphitrite"
"""The estate's mark."""
_PERIOD = "2026-01"
"""It is over, so statements of it can be closed."""


def forecasting_recipes(posted: Callable[..., Any]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""

    def user(owned: Any) -> str:
        return str(owned.ids["user_id"])

    def target(_owned: Any) -> dict[str, str]:
        return {"amount": "1", "currency": "TWD"}

    return {
        "period": lambda _: _PERIOD,
        "adjustment_id": posted(
            "/v1/sales/forecast-adjustments",
            user_id=user,
            period=_PERIOD,
            figure="commit",
            amount=target,
            reason=_MARK,
        ),
        "snapshot_id": posted("/v1/sales/forecast-snapshots", period=_PERIOD),
        "quota_id": posted(
            "/v1/sales/quotas", user_id=user, period=_PERIOD, measure="revenue_won", amount=target
        ),
        "plan_id": posted(
            "/v1/sales/commission-plans",
            name={"en": _MARK},
            currency="TWD",
            frequency="month",
            basis="won",
            rate="5",
            valid_from="2026-01-01",
            participants=lambda owned: [{"user_id": user(owned)}],
        ),
        "statement_id": posted(
            "/v1/sales/commission-statements",
            plan_id=lambda owned: owned.ids["plan_id"],
            user_id=user,
            period=_PERIOD,
        ),
    }
