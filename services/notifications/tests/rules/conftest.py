"""A service whose rules tell holders of permissions, and identity as the test has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from chassis.clock import MovableClock
from chassis.embedded.postgres import PostgresServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.harness import ServiceHarness, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from notifications.app import build
from notifications.description import DESCRIPTION
from notifications.settings import NotificationsSettings
from services.notifications.tests.conftest import OWN_SETTINGS
from services.notifications.tests.fakes import FakePermissionHolders

from .staff import DATABASE, Staff


@pytest.fixture(scope="session")
def staff_at_rest(
    postgres: PostgresServer, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[Staff]:
    """A service that is not at work, on a database of its own."""
    database = migrated_database(postgres, "notifications", DESCRIPTION.migrations, DATABASE)
    clock, holders = MovableClock(datetime.now(UTC)), FakePermissionHolders()
    service = build(
        NotificationsSettings(**settings_for(database, **OWN_SETTINGS)),
        clock=clock,
        keys=tokens.key_source(),
        access=access,
        holders=holders,
    )
    yield Staff(ServiceHarness(service, tokens, access), holders, clock)
    service.stop()


@pytest.fixture
def staff(staff_at_rest: Staff, postgres: PostgresServer) -> Iterator[Staff]:
    """A tenant that nobody has used before, now, while identity answers; what waits bothers no later one."""
    staff_at_rest.clock.move(datetime.now(UTC) - staff_at_rest.clock.now())
    staff_at_rest.holders.away = False
    staff_at_rest.holders.asked.clear()
    yield Staff(staff_at_rest.harness, staff_at_rest.holders, staff_at_rest.clock)
    with psycopg.connect(postgres.admin_dsn(DATABASE), autocommit=True) as superuser:
        superuser.execute("DELETE FROM rule_tellings")
