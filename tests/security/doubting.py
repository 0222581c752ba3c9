"""How two people who may be one are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.context import service_caller
from contacts.duplicates.comparing import compare_waiting

_MARK = "Amphitrite"
"""The estate's mark."""


def doubting_recipes(good: Callable[..., Any]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records."""

    def pair(owned: Any) -> str:
        """Two people of one name and birth date, whom somebody has compared."""
        owner, path = owned.owner("contacts"), "/v1/contacts/people"
        born = [{"kind": "birthday", "date": "1980-03-12"}]
        twice = {"given_name": _MARK, "family_name": "Nereid", "important_dates": born}
        ids = [good(owner.post(path, twice), path).json["id"] for _ in range(2)]
        run = owned.services["contacts"].harness.service.operations.run
        run(service_caller("contacts", owned.tenant_id), compare_waiting, 100)
        listed = owner.get("/v1/contacts/duplicates", query_string={"person_id": ids[0]})
        (found,) = good(listed, path).json["items"]
        return str(found["id"])

    return {"pair_id": pair}
