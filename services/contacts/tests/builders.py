"""Makes people and companies through the API, as far as a test cares what they are."""

from __future__ import annotations

from typing import Any

from chassis.testing.client import ApiClient

PEOPLE = "/v1/contacts/people"
COMPANIES = "/v1/contacts/companies"


def person(app: ApiClient, name: str = "王小明", **details: Any) -> str:
    """Enter a person; gives the id."""
    response = app.post(PEOPLE, {"full_name": name, **details})
    assert response.status_code == 201, response.text
    return str(response.json["id"])


def company(app: ApiClient, name: str = "大同商行", **details: Any) -> str:
    """Enter a company; gives the id."""
    response = app.post(COMPANIES, {"name": name, **details})
    assert response.status_code == 201, response.text
    return str(response.json["id"])
