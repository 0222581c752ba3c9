"""How tickets and what hangs on them are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.testing.client import ApiAnswer

_NAME = "Amphitrite"
"""The estate's mark."""
_TICKETS = "/v1/desk/tickets"


def ticketing_recipes(
    posted: Callable[..., Any], good: Callable[[ApiAnswer, str], ApiAnswer]
) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""

    def link(owned: Any) -> str:
        """A link to a ticket of its own, which nothing else depends on."""
        owner = owned.owner("desk")
        other = good(owner.post(_TICKETS, {"subject": _NAME}), _TICKETS).json
        path = f"{_TICKETS}/{owned.ids['ticket_id']}/links"
        body = {"other_id": other["id"], "kind": "related"}
        return str(good(owner.post(path, body), path).json["id"])

    def submission(owned: Any) -> str:
        """A visitor's submission that is held back, since it fills in what only programs do."""
        owner, path = owned.owner("desk"), f"/p/desk/forms/{owned.ids['ticket_form_id']}"
        sent = {"email": f"{_NAME}@customers.example", "subject": _NAME, "text": _NAME}
        good(owner.post(path, {**sent, "website": _NAME}), path)
        waiting = "/v1/desk/ticket-submissions"
        return str(good(owner.get(waiting), waiting).json["items"][0]["id"])

    return {
        "ticket_field_id": posted(
            "/v1/desk/ticket-fields", key="rigging", kind="text", label={"en": _NAME}
        ),
        "ticket_id": posted(
            _TICKETS,
            subject=_NAME,
            message={"text": _NAME},
            external_ids=[{"system": "erp", "id": "A-4711"}],
        ),
        "ticket_message_id": posted(_TICKETS + "/{ticket_id}/notes", text=_NAME),
        "follower_id": posted(
            _TICKETS + "/{ticket_id}/followers", address=f"{_NAME}@customers.example"
        ),
        "ticket_link_id": link,
        "ticket_form_id": posted(
            "/v1/desk/ticket-forms",
            key="harbour",
            name=_NAME,
            allowed_origins=["https://www.customers.example"],
        ),
        "ticket_submission_id": submission,
    }
