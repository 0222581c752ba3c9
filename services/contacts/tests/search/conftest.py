"""Somebody who searches, in a tenant of a few people and companies."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx

PEOPLE = "/v1/contacts/people"
COMPANIES = "/v1/contacts/companies"
SEARCH = "/v1/contacts/search"


@pytest.fixture
def app(contacts: ServiceHarness[ContactsTx]) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


def enter(client: ApiClient, name: str, email: str = "", phone: str = "", **more: Any) -> str:
    """Enter a person; gives the id."""
    body = {
        "full_name": name,
        "emails": [{"address": email}] if email else [],
        "phones": [{"number": phone}] if phone else [],
        **more,
    }
    response = client.post(PEOPLE, body)
    assert response.status_code == 201, response.text
    created: str = response.json["id"]
    return created


def enter_company(client: ApiClient, name: str, **more: Any) -> str:
    """Enter a company; gives the id."""
    response = client.post(COMPANIES, {"name": name, **more})
    assert response.status_code == 201, response.text
    created: str = response.json["id"]
    return created


def people_found(client: ApiClient, typed: str, more: str = "") -> list[str]:
    """The names of the people whom a list by `q` has, in its order."""
    response = client.get(f"{PEOPLE}?q={quote(typed)}{more}")
    assert response.status_code == 200, response.text
    return [person["full_name"] for person in response.json["items"]]


def companies_found(client: ApiClient, typed: str) -> list[str]:
    """The names of the companies that a list by `q` has, in its order."""
    response = client.get(f"{COMPANIES}?q={quote(typed)}")
    assert response.status_code == 200, response.text
    return [company["name"] for company in response.json["items"]]


def found(client: ApiClient, typed: str, more: str = "") -> list[dict[str, Any]]:
    """What a search over all has."""
    response = client.get(f"{SEARCH}?q={quote(typed)}{more}")
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json["items"]
    return items
