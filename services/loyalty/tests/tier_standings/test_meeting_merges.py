"""Who looks at a member's tier while the member is merged finds them merged (LO-5)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import psycopg
import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.domain import Conflict
from chassis.events.reactions import Envelope
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from loyalty.people.reactions import on_person_merged
from loyalty.tier_standings.domain import MoveCause
from loyalty.tier_standings.operations import grant_tier, review_member, take_tier_back
from loyalty.transaction import LoyaltyTx
from rapport.contacts.events.v1.person_events_pb2 import PersonMerged
from services.loyalty.tests.builders import Loyalty
from services.loyalty.tests.tiering import Shop, tiers_of

START = datetime(2031, 1, 15, 12, tzinfo=UTC)
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND cardinality(pg_blocking_pids(pid)) > 0"
)


@pytest.fixture
def shop(timed: Loyalty, clock: MovableClock) -> Shop:
    """A program whose tiers begin at 100 and 200, in a rolling year."""
    opened = Shop(timed, clock, START)
    opened.tiers(tiers_of("100", "200"))
    return opened


@contextmanager
def meeting(
    shop: Shop, database: TestDatabase, kept: UUID, gone: UUID, work: Callable[[LoyaltyTx], Any]
) -> Iterator[Future[Any]]:
    """Have work begin while two people become one, which is done and not committed yet; it is afterwards."""
    merged, looking = threading.Event(), threading.Event()
    fact = PersonMerged(person_id=str(kept), merged_person_id=str(gone), merge_id=str(uuid4()))
    run, caller = shop.loyalty.service.operations.run, service_caller("loyalty", shop.tenant_id)

    def merge(tx: LoyaltyTx) -> None:
        on_person_merged(tx, fact, cast("Envelope", None))
        tx.flush()
        merged.set()
        assert looking.wait(30), "nobody waits for what the merge has locked"

    with ThreadPoolExecutor(2) as pool, psycopg.connect(database.admin_url, autocommit=True) as sql:
        merging = pool.submit(run, caller, merge)
        assert merged.wait(30), merging
        met = pool.submit(run, caller, work)
        eventually(lambda: cast("tuple[int]", sql.execute(_WAITING).fetchone())[0] > 0)
        looking.set()
        merging.result(30)
        yield met


def two(shop: Shop) -> tuple[dict[str, Any], dict[str, Any]]:
    """The member who stays, and the one who is merged into them; each has bought for 150."""
    older, newer = shop.member(enrolled_at="2020-01-01T00:00:00Z"), shop.member()
    for member in (older, newer):
        shop.deliver(member, "150")
    return older, newer


def test_a_recount_that_meets_a_merge_counts_nothing_for_who_was_merged(
    shop: Shop, database_apart: TestDatabase
) -> None:
    older, newer = two(shop)
    steps = shop.history(newer)

    def look(tx: LoyaltyTx) -> Any:
        return review_member(tx, UUID(newer["id"]), MoveCause.TERMS_CHANGED)

    people = UUID(older["person_id"]), UUID(newer["person_id"])
    with meeting(shop, database_apart, *people, look) as met:
        assert met.result(30) is None
    assert shop.history(newer) == steps == [("reached", None, "silver")]
    assert shop.tier(older) == "gold"


@pytest.mark.parametrize("taken_back", [False, True])
def test_who_was_merged_meanwhile_is_given_nothing(
    shop: Shop, database_apart: TestDatabase, *, taken_back: bool
) -> None:
    older, newer = two(shop)
    member_id, until = UUID(newer["id"]), START + timedelta(days=30)

    def give(tx: LoyaltyTx) -> Any:
        return grant_tier(tx, member_id, "gold", until, "A friend")

    def take(tx: LoyaltyTx) -> Any:
        return take_tier_back(tx, member_id)

    if taken_back:
        shop.loyalty.service.operations.run(service_caller("loyalty", shop.tenant_id), give)
    people = UUID(older["person_id"]), UUID(newer["person_id"])
    with (
        meeting(shop, database_apart, *people, take if taken_back else give) as met,
        pytest.raises(Conflict, match="no tier"),
    ):
        met.result(30)
