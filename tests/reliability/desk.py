"""A desk for the load of a run: a queue with an agent, deadlines that pass meanwhile, and a mailbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from deploy.demo.external_app import ExternalApp

TICKETS = "/v1/desk/tickets"
ADDRESS = "help@desk.example"
_MINUTES = ("low", "normal", "high", "urgent")
_CAPACITY = 25
"""Less than there is to do: so the router says no, and hands out what waits when one is resolved."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mails are handed over, and with which secret."""

    path: str
    secret: str = field(repr=False)


def open_desk(by: ExternalApp) -> Mailbox:
    """Have tickets routed to the administrator by turns, timed by the minute, and mail taken in."""
    queue = by.post(
        "/v1/desk/queues", {"key": "help", "name": {"en": "Help"}, "method": "round_robin"}
    )
    by.post("/v1/desk/routing-rules", {"name": {"en": "All"}, "queue_id": queue["id"]})
    who = by.get("/v1/identity/users")["items"][0]["id"]
    agent = {"user_id": who, "status": "available", "capacity": _CAPACITY}
    by.post("/v1/desk/agents", {**agent, "queue_ids": [queue["id"]]})
    by.post("/v1/desk/service-levels", _policy())
    made = by.post("/v1/desk/mailboxes", {"address": ADDRESS})
    return Mailbox(made["intake_path"], made["secret"])


def _policy() -> dict[str, Any]:
    """Replies that are late within a run: warned after half a minute, and broken after one."""
    return {
        "name": "Quickly",
        "position": 1,
        "first_response": dict.fromkeys(_MINUTES, 1),
        "next_response": dict.fromkeys(_MINUTES, 1),
        "resolution": dict.fromkeys(_MINUTES, 600),
        "warn": {"at_percent": 50},
    }
