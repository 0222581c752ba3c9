"""How records of loyalty's programs and members are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.testing.client import ApiAnswer

_NAME = "Amphitrite"
"""The estate's mark."""


def membership_recipes(good: Callable[[ApiAnswer, str], ApiAnswer]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""

    def program(owned: Any) -> str:
        """A program that takes members."""
        owner, path = owned.owner("loyalty"), "/v1/loyalty/programs"
        body = {"key": "voyage", "name": _NAME, "currency": "TWD", "point_value": "0.1"}
        program_id = str(good(owner.post(path, body), path).json["id"])
        good(owner.post(f"{path}/{program_id}/open"), path)
        tiers = {"tiers": [{"key": "crew", "name": {"en": _NAME}, "threshold": "0"}], "by": "spend"}
        good(owner.put(f"{path}/{program_id}/tiers", tiers), path)
        return program_id

    def member(owned: Any) -> str:
        """The person's membership."""
        owner, path = owned.owner("loyalty"), "/v1/loyalty/members"
        body = {
            "program_id": owned.ids["program_id"],
            "person_id": owned.ids["person_id"],
            "number": "A-4711",
            "external_ids": [{"system": "erp", "id": "A-4711"}],
        }
        return str(good(owner.post(path, body), path).json["id"])

    return {
        "program_id": program,
        "member_id": member,
        "member_number": lambda _: "A4711",
    }
