"""Whoever uses coupons or takes uses back locks in one order, so that nobody waits in a circle (LO-7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest

from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from services.loyalty.tests.builders import enrol, good
from services.loyalty.tests.couponing import Till

_WAITERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND %s = ANY(pg_blocking_pids(pid))"
)


class Other:
    """Somebody else at the same database, who holds a lock for a while."""

    def __init__(self, database: TestDatabase) -> None:
        self.holding = psycopg.connect(database.admin_url)
        self.looking = psycopg.connect(database.admin_url, autocommit=True)

    def meanwhile(self, work: Callable[[], ApiAnswer], free: LiteralString, *of: Any) -> ApiAnswer:
        """Let work begin and wait for what is held; it must not hold the row that is asked for."""
        with ThreadPoolExecutor(1) as pool:
            begun = pool.submit(work)
            try:
                eventually(self._is_waited_for)
                row = self.looking.execute(free, of).fetchone()
            finally:
                self.holding.rollback()
        assert row is not None, "it is locked too early"
        return begun.result()

    def _is_waited_for(self) -> bool:
        row = self.looking.execute(_WAITERS, [self.holding.info.backend_pid]).fetchone()
        return row is not None and row[0] > 0


@pytest.fixture
def other(database: TestDatabase) -> Iterator[Other]:
    """Somebody else, who goes in the end."""
    found = Other(database)
    yield found
    found.holding.close()
    found.looking.close()


@pytest.fixture
def till(app: ApiClient) -> Till:
    """A tenant with a program."""
    return Till(app)


_COUPON_IS_FREE: LiteralString = (
    "SELECT id FROM coupons WHERE person_id = %s FOR UPDATE SKIP LOCKED"
)
_LEDGER_IS_FREE: LiteralString = (
    "SELECT member_id FROM ledger_balances WHERE member_id = %s FOR UPDATE SKIP LOCKED"
)


def hold_person(other: Other, till: Till, person: UUID) -> None:
    """Use coupons of somebody, as far as their own lock."""
    lock = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
    other.holding.execute(lock, [f"coupons of person {till.app.tenant_id} {person}"])


def hold_tally(other: Other, pool: dict[str, Any]) -> None:
    """Use a coupon of a pool, as far as its tally."""
    tally = "SELECT uses FROM coupon_tallies WHERE pool_id = %s FOR UPDATE"
    other.holding.execute(tally, [pool["id"]])


@pytest.mark.parametrize("says_who", [0, 1])
def test_people_come_before_their_coupons_whether_or_not_it_is_said_who_buys(
    till: Till, other: Other, says_who: int
) -> None:
    person = uuid4()
    code = till.issue(till.pool(), person)
    buyer = {"person_id": str(person)} if says_who else {}
    hold_person(other, till, person)
    answer = other.meanwhile(
        lambda: till.redeem(code, order="A-1", **buyer), _COUPON_IS_FREE, person
    )
    assert good(answer)["uses"]


def test_tallies_come_before_the_ledger_whether_uses_are_made_or_taken_back(
    till: Till, other: Other
) -> None:
    pool, person = till.pool({"kind": "points", "points": 50}), uuid4()
    member = UUID(enrol(till.app, till.program, person)["id"])
    first, second = till.issue(pool, person), till.issue(pool, person)
    good(till.redeem(first, order="A-1"))
    hold_tally(other, pool)
    used = other.meanwhile(lambda: till.redeem(second, order="A-2"), _LEDGER_IS_FREE, member)
    assert good(used)["uses"]
    hold_tally(other, pool)
    undone = other.meanwhile(lambda: till.roll_back("A-1"), _LEDGER_IS_FREE, member)
    assert good(undone)["uses"]
