"""How records of working together on an opportunity are made for the estate: what is said and shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from chassis.testing.client import ApiAnswer
from services.sales.tests.builders import know_user

_MARK = "Amphitrite"
"""The estate's mark."""


def collaborating_recipes(good: Callable[[ApiAnswer, str], ApiAnswer]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; after the opportunity's."""

    def below(owned: Any, records: str) -> str:
        return f"/v1/sales/opportunities/{owned.ids['opportunity_id']}/{records}"

    def comment(owned: Any) -> str:
        """A comment that mentions a member of the opportunity's team."""
        owner, user_id = owned.owner("sales"), owned.ids["user_id"]
        # No broker runs here that identity could tell sales of its users by.
        know_user(owned.services["sales"].harness, owned.tenant_id, UUID(user_id))
        member, path = below(owned, f"members/{user_id}"), below(owned, "comments")
        good(owner.put(member, {"role": "presales"}), member)
        body = {"text": _MARK, "mentions": [user_id]}
        return str(good(owner.post(path, body), path).json["id"])

    def document(owned: Any) -> str:
        """A shared link."""
        owner, path = owned.owner("sales"), below(owned, "documents")
        body = {"name": _MARK, "kind": "proposal", "url": f"https://files.example/{_MARK}"}
        return str(good(owner.post(path, body), path).json["id"])

    return {"comment_id": comment, "document_id": document}
