"""All ledgers are counted anew once a day, and a metric says when one is not what its entries say (LO-2)."""

from __future__ import annotations

import logging

import psycopg
import pytest

from chassis.clock import MovableClock
from chassis.testing.harness import TestDatabase
from loyalty.ledger.verification import verification, verify
from loyalty.metrics import ledger_differences
from services.loyalty.tests.builders import Loyalty, lasting_app
from services.loyalty.tests.ledgering import Points

_DRIFT = "UPDATE ledger_balances SET available = available + %s, issued = issued - %s WHERE member_id = %s"


def _told() -> float:
    """What the metric says at this moment, of all programs together."""
    (family,) = ledger_differences.collect()
    return family.samples[0].value


def test_what_was_changed_past_the_service_is_found_and_told(
    timed: Loyalty,
    database_apart: TestDatabase,
    clock: MovableClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    points = Points(timed, lasting_app(timed, clock))
    member = points.member()
    points.earn(member, 100)
    assert verify(timed.service) == 0
    assert _told() == 0
    with psycopg.connect(database_apart.admin_url) as somebody:
        somebody.execute(_DRIFT, (7, 7, member))
    try:
        with caplog.at_level(logging.ERROR):
            assert verify(timed.service) == 2, "what is available, and its counterweight"
    finally:
        with psycopg.connect(database_apart.admin_url) as somebody:
            somebody.execute(_DRIFT, (-7, -7, member))
    assert _told() == 2
    (told,) = [one for one in caplog.records if "differs" in one.message]
    assert told.__dict__["program_id"] == points.program["id"]
    assert verification(timed.service).run() == 0
