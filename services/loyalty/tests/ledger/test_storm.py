"""Ten thousand operations from many threads, with duplicates and crashes: nothing drifts (LO-2)."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from chassis.clock import MovableClock
from chassis.testing.harness import TestDatabase
from loyalty.ledger.recount import recount
from rapport.loyalty.events.v1 import points_events_pb2 as events
from services.loyalty.tests.builders import Loyalty, facts, fire, lasting_app
from services.loyalty.tests.ledger.storm import Storm
from services.loyalty.tests.ledgering import Points

ALL = 10_000
SAMPLE = 600
"""So many in the short run, which is enough for each kind of trouble to come about."""
_TRANSACTIONS_NOT_AT_ZERO = """
SELECT count(*) FROM (SELECT transaction_id FROM ledger_entries WHERE tenant_id = %s
GROUP BY transaction_id HAVING sum(points) <> 0) x
"""


@pytest.mark.parametrize("operations", [SAMPLE, pytest.param(ALL, marks=pytest.mark.slow)])
def test_nothing_drifts_and_no_point_is_spent_twice(
    timed: Loyalty, clock: MovableClock, database_apart: TestDatabase, operations: int
) -> None:
    app = lasting_app(timed, clock)
    points = Points(timed, app)
    storm = Storm(points, clock, members=4)
    storm.rage(timed, database_apart, operations, threads=8)
    clock.move(timedelta(days=3))
    for _ in range(10):
        fire(timed)
    assert storm.answers["killed"] > 0
    assert storm.answers["same"] > operations // 50
    assert storm.answers["points_insufficient"] > 0
    found = points.read(recount)
    assert found["is_right"], found["differences"]
    for member in storm.members:
        has, moved = points.has(member), storm.moved(member)
        assert -has.issued == moved["earn"]
        assert has.redeemed == moved["spend"] + moved["redeem"] - moved["restore"]
        assert has.reversed == moved["reverse"]
        assert has.reserved == moved["reserve"] - moved["redeem"] - moved["cancel"]
        over = has.pending + has.available + has.expired + has.reserved
        assert over == moved["earn"] - has.redeemed - moved["reverse"]
    told = facts(timed, app, events.PointsEarned)
    assert sum(fact.points for fact in told) == sum(
        storm.moved(member)["earn"] for member in storm.members
    )
    causes = [fact.movement.cause.key for fact in told]
    assert len(causes) == len(set(causes))
    with psycopg.connect(database_apart.admin_url) as admin:
        row = admin.execute(_TRANSACTIONS_NOT_AT_ZERO, (points.tenant_id,)).fetchone()
    assert row == (0,)
