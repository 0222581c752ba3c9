"""A tenant that asks its people what it may send them, at a time that the test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import MovableClock
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.tokens import TestTokens
from contacts.app import build
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx
from services.contacts.tests.builders import PEOPLE

Say = Callable[..., ApiAnswer]


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
def app(timed: ServiceHarness[ContactsTx], tokens: TestTokens, clock: MovableClock) -> ApiClient:
    """An external app with every permission, in a tenant of its own, however the clock moves."""
    tenant_id, exp = timed.new_tenant(), int(clock.now().timestamp()) + 30 * 86_400
    token = tokens.sign(sub="app", client_id="app", tid=str(tenant_id), scope="*", exp=exp)
    return ApiClient(timed.app, token, tenant_id)


@pytest.fixture
def say(app: ApiClient) -> Say:
    """Has a person say something."""

    def say(person_id: str, state: str, purpose: str = "newsletter", **more: Any) -> ApiAnswer:
        channel = more.pop("channel", "email")
        path = f"{PEOPLE}/{person_id}/consents/{purpose}/{channel}"
        return app.put(path, {"state": state, "source": "web form", **more})

    return say
