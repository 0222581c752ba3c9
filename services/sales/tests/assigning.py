"""Makes what leads are assigned by over REST, as an administrator does."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from chassis.testing.client import ApiClient
from services.sales.tests.builders import LEADS, good

TERRITORIES = "/v1/sales/territories"
ABSENCES = "/v1/sales/absences"
RULES = "/v1/sales/assignment-rules"
PREVIEW = "/v1/sales/lead-assignments/preview"


def people(count: int) -> list[str]:
    """Users, by their ids."""
    return [str(uuid4()) for _ in range(count)]


def define_rule(client: ApiClient, *users: str, **more: Any) -> dict[str, Any]:
    """A rule; round robin over these users unless it says otherwise."""
    body = {"name": {"en": "Rule"}, "method": "round_robin", "user_ids": list(users), **more}
    return good(client.post(RULES, body))


def define_territory(client: ApiClient, *users: str, **criteria: Any) -> dict[str, Any]:
    """A territory with these people."""
    body = {"name": {"en": "Territory"}, "user_ids": list(users), **criteria}
    return good(client.post(TERRITORIES, body))


def be_away(client: ApiClient, user: str, first_day: str, last_day: str) -> dict[str, Any]:
    """Somebody's absence."""
    days = {"first_day": first_day, "last_day": last_day}
    return good(client.post(ABSENCES, {"user_id": user, **days}))


def assignments(client: ApiClient, lead: dict[str, Any]) -> list[dict[str, Any]]:
    """How a lead was assigned, the first time first."""
    items: list[dict[str, Any]] = client.get(f"{LEADS}/{lead['id']}/assignments").json["items"]
    return items[::-1]


def seen(client: ApiClient, lead: dict[str, Any]) -> dict[str, Any]:
    """The lead as it is now."""
    return good(client.get(f"{LEADS}/{lead['id']}"))


def tenant_of(client: ApiClient) -> UUID:
    """The client's tenant."""
    assert client.tenant_id is not None
    return client.tenant_id
