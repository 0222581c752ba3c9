"""How queues, agents and routing rules of the desk are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_NAME = {"en": "Amphitrite"}
"""The estate's mark, as a name."""


def routing_recipes(posted: Callable[..., Any], good: Callable[..., Any]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""

    def agent(owned: Any) -> str:
        """The administrator, who is known as a user for having called."""
        path, user_id = "/v1/desk/agents", str(owned.home.administrator_id)
        body = {"user_id": user_id, "languages": ["el"]}
        return str(good(owned.user("desk").post(path, body), path).json["id"])

    return {
        "queue_id": posted("/v1/desk/queues", key="amphitrite", name=_NAME, method="manual"),
        "agent_id": agent,
        "agent_absence_id": posted(
            "/v1/desk/agent-absences",
            agent_id=lambda owned: owned.ids["agent_id"],
            begins_at="2098-01-01T00:00:00Z",
            ends_at="2098-01-02T00:00:00Z",
            reason="Amphitrite",
        ),
        "routing_rule_id": posted(
            "/v1/desk/routing-rules", name=_NAME, condition='subject == "Amphitrite"'
        ),
    }
