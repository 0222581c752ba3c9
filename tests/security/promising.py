"""How records of what customers of a desk are promised are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.testing.client import ApiAnswer

_NAME = "Amphitrite"
"""The estate's mark."""
_OPEN = [{"opens": "09:00", "closes": "18:00"}]


def promising_recipes(
    posted: Callable[..., Any], good: Callable[[ApiAnswer, str], ApiAnswer]
) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""

    def promise(owned: Any) -> str:
        """A promise about a ticket of its own, so that no other record depends on it."""
        owner, tickets = owned.owner("desk"), "/v1/desk/tickets"
        ticket = good(owner.post(tickets, {"subject": _NAME}), tickets).json
        path = f"{tickets}/{ticket['id']}/promises"
        due_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        return str(good(owner.post(path, {"due_at": due_at, "note": _NAME}), path).json["id"])

    return {
        "business_calendar_id": posted(
            "/v1/desk/business-calendars",
            name=_NAME,
            time_zone="Asia/Taipei",
            week={"monday": _OPEN},
        ),
        "service_level_id": posted(
            "/v1/desk/service-levels",
            name=_NAME,
            first_response={"normal": 60},
            business_calendar_id=lambda owned: owned.ids["business_calendar_id"],
        ),
        "promise_id": promise,
    }
