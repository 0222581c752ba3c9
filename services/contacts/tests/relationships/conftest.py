"""A tenant for each test of what connects people and companies."""

from __future__ import annotations

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx


@pytest.fixture
def app(contacts: ServiceHarness[ContactsTx]) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())
