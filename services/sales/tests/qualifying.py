"""Makes frameworks, answers, scoring rules and limits over REST, and hands back the answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.tables import timers
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.waiting import eventually
from sales.lead_reviews.operations import LEADS_REVIEW
from sales.qualification_frameworks.operations import bant_id
from services.sales.tests.builders import LEADS, Sales, fire, good

FRAMEWORKS = "/v1/sales/qualification-frameworks"
RULES = "/v1/sales/scoring-rules"
FRESHNESS = "/v1/sales/lead-freshness"
POOL = f"{LEADS}/pool"
BEST = {"budget": "approved", "authority": "decides", "need": "urgent", "timeline": "quarter"}
"""The best answers to BANT: a hundred points."""


def bant_of(app: ApiClient) -> str:
    """The id of BANT in the app's tenant."""
    assert app.tenant_id is not None
    return str(bant_id(app.tenant_id))


def option(key: str, points: int, verdict: str = "met") -> dict[str, Any]:
    """An answer that may be given."""
    return {"key": key, "name": {"en": key}, "points": points, "verdict": verdict}


def question(key: str, *options: dict[str, Any], required: bool = True) -> dict[str, Any]:
    """A question; else with the answers `yes` for ten points, and `no`."""
    answers = options or (option("yes", 10), option("no", 0, "unmet"))
    return {"key": key, "name": {"en": key}, "required": required, "answers": answers}


def define_framework(
    app: ApiClient, *questions: dict[str, Any], threshold: int = 10
) -> dict[str, Any]:
    """A framework of the tenant's own."""
    body = {"name": {"en": "Ours"}, "questions": questions or [question("fits")]}
    return good(app.post(FRAMEWORKS, {**body, "threshold": threshold}))


def answer_path(lead: dict[str, Any], framework_id: str, key: str) -> str:
    """Where an answer is put."""
    return f"{LEADS}/{lead['id']}/assessments/{framework_id}/answers/{key}"


def say(app: ApiClient, lead: dict[str, Any], key: str, answer: str, **more: Any) -> ApiAnswer:
    """Answer a question of BANT, unless `framework_id` names another framework."""
    framework_id = str(more.pop("framework_id", None) or bant_of(app))
    return app.put(answer_path(lead, framework_id, key), {"answer": answer, **more})


def say_all(app: ApiClient, lead: dict[str, Any], answers: dict[str, str] = BEST) -> None:
    """Answer questions of BANT."""
    for key, answer in answers.items():
        good(say(app, lead, key, answer))


def define_rule(app: ApiClient, points: int, **about: Any) -> dict[str, Any]:
    """A rule that gives points for something."""
    return good(app.post(RULES, {"name": {"en": "A rule"}, "points": points, **about}))


def is_(field: str, *values: str) -> list[dict[str, Any]]:
    """Conditions that hold when a field has one of these values."""
    return [{"field": field, "comparison": "is", "values": values}]


def explained(app: ApiClient, lead: dict[str, Any]) -> dict[str, Any]:
    """A lead's score, explained."""
    return good(app.get(f"{LEADS}/{lead['id']}/score"))


def score(app: ApiClient, lead: dict[str, Any]) -> int:
    """The score that lists sort by; what is explained has to be the same."""
    told = explained(app, lead)
    assert told["score"] == told["stored"] == app.get(f"{LEADS}/{lead['id']}").json["score"]
    assert told["score"] == sum(one["points"] for one in told["rules"])
    return int(told["score"])


def set_freshness(app: ApiClient, *rules: dict[str, Any], **hours: int) -> dict[str, Any]:
    """How long leads stay fresh: a day, two, three unless it is said; and rules for stale ones."""
    limits = {"warm_after_hours": 24, "cold_after_hours": 48, "stale_after_hours": 72, **hours}
    return good(app.put(FRESHNESS, {**limits, "rules": rules}))


def settle(sales: Sales, app: ApiClient) -> None:
    """Have all leads looked at by what holds now, before the test moves its clock.

    Else a worker of another fixture might do it later, by a clock that has not moved.
    """
    tenant_id = app.tenant_id
    assert tenant_id is not None
    waiting = sa.select(timers.c.key).where(timers.c.kind == LEADS_REVIEW)

    def done() -> bool:
        with sales.service.database.tenant_transaction(tenant_id) as connection:
            return connection.execute(waiting).first() is None

    fire(sales)
    eventually(done)


def stale_rule(action: str, *conditions: dict[str, Any], key: str = "rule") -> dict[str, Any]:
    """What becomes of stale leads of which the conditions hold."""
    return {"key": key, "name": {"en": key}, "action": action, "conditions": conditions}


def owned_by(owner: UUID | str) -> dict[str, Any]:
    """What makes a lead somebody's."""
    return {"owner_id": str(owner)}
