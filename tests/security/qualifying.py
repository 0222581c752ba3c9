"""How records of how leads stand are made for the estate, and keys that tenants choose themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.testing.client import ApiAnswer

_NAME = {"en": "Amphitrite"}
"""The estate's mark, as a name."""
_ANSWER = {"key": "yes", "name": _NAME, "points": 10, "verdict": "met"}


def qualifying_recipes(
    posted: Callable[..., Any], good: Callable[[ApiAnswer, str], ApiAnswer]
) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""

    def question(owned: Any) -> str:
        """A question that the lead has answered."""
        lead_id, framework_id = owned.ids["lead_id"], owned.ids["framework_id"]
        path = f"/v1/sales/leads/{lead_id}/assessments/{framework_id}/answers/fits"
        body = {"answer": "yes", "evidence": _NAME["en"]}
        good(owned.owner("sales").put(path, body), path)
        return "fits"

    return {
        "framework_id": posted(
            "/v1/sales/qualification-frameworks",
            name=_NAME,
            questions=[{"key": "fits", "name": _NAME, "answers": [_ANSWER]}],
            threshold=10,
        ),
        "question": question,
        "scoring_rule_id": posted(
            "/v1/sales/scoring-rules",
            name=_NAME,
            points=5,
            conditions=[{"field": "source", "comparison": "is", "values": [_NAME["en"]]}],
        ),
    }


CHOSEN_KEYS: dict[str, Any] = {
    "system": lambda _: "erp",
    "external_id": lambda _: "A-4711",
    "number": lambda _: "1",
    "channel": lambda _: "email",
    "stage": lambda _: "new",
}
"""Keys that tenants choose themselves: the same ones in another tenant are other records."""
