"""A tenant whose apps report what its people do, at a time that the test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import MovableClock
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.tokens import TestTokens
from contacts.app import build
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx

PEOPLE = "/v1/contacts/people"
INTERACTIONS = "/v1/contacts/interactions"
Enter = Callable[..., str]


@pytest.fixture
def clock() -> MovableClock:
    """It stands still a moment from now: tokens are as old as the machine's clock says."""
    return MovableClock(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2))


@pytest.fixture
def timed(
    contacts: ServiceHarness[ContactsTx],
    clock: MovableClock,
    tokens: TestTokens,
    access: FakeAccessSource,
) -> Iterator[ServiceHarness[ContactsTx]]:
    """The service over the same database, with a clock that the test moves."""
    assert isinstance(contacts.service.settings, ContactsSettings)
    service = build(contacts.service.settings, clock=clock, keys=tokens.key_source(), access=access)
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def app(contacts: ServiceHarness[ContactsTx]) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


@pytest.fixture
def enter(app: ApiClient) -> Enter:
    """Enters a person in the app's tenant, and gives the id."""

    def enter(**details: Any) -> str:
        response = app.post(PEOPLE, {"full_name": "王小明", **details})
        assert response.status_code == 201, response.text
        return str(response.json["id"])

    return enter
