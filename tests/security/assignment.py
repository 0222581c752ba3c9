"""How records of who takes care of which lead are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_NAME = {"en": "Amphitrite"}
"""The estate's mark, as a name."""


def assignment_recipes(posted: Callable[..., Any]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""
    return {
        "territory_id": posted(
            "/v1/sales/territories",
            name=_NAME,
            countries=["TW"],
            user_ids=lambda owned: [owned.ids["user_id"]],
        ),
        "absence_id": posted(
            "/v1/sales/absences",
            user_id=lambda owned: owned.ids["user_id"],
            first_day="2026-01-01",
            last_day="2026-01-02",
        ),
        "assignment_rule_id": posted(
            "/v1/sales/assignment-rules",
            name=_NAME,
            method="round_robin",
            user_ids=lambda owned: [owned.ids["user_id"]],
        ),
    }
