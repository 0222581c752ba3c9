"""A tenant with an administrator who defines fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx

FIELDS = "/v1/contacts/custom-fields"
Define = Callable[..., dict[str, Any]]


@pytest.fixture
def app(contacts: ServiceHarness[ContactsTx]) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


@pytest.fixture
def define(app: ApiClient) -> Define:
    """Defines a field of people in the app's tenant, and gives the answer."""

    def define(key: str, kind: str, **more: Any) -> dict[str, Any]:
        body = {"object": "person", "key": key, "type": kind, "label": {"en": key}, **more}
        response = app.post(FIELDS, body)
        assert response.status_code == 201, response.text
        defined: dict[str, Any] = response.json
        return defined

    return define
