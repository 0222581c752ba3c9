"""What is counted by facts agrees with the records, whatever happened and however facts arrive."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.clock import MovableClock
from chassis.embedded.postgres import PostgresServer
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase, migrated_database
from sales.description import DESCRIPTION
from services.sales.tests.builders import (
    ACTIVITIES,
    LEADS,
    OPPORTUNITIES,
    Sales,
    at_once,
    capture,
    choose_base,
    define_pipeline,
    define_reason,
    good,
    lasting_app,
    move,
    open_one,
)
from services.sales.tests.counting import (
    RECOUNT,
    Said,
    differing,
    forget_counts,
    said,
    tell,
    tell_all,
)
from services.sales.tests.lead_conversions.conftest import asking, customers

__all__ = ["asking", "customers"]
OWNERS = [str(UUID(int=n)) for n in (1, 2, 3)]
STAGES = ("new", "talk", "offer", "won")
ANALYTICS = "/v1/sales/analytics"


@pytest.fixture(scope="module")
def apart(postgres: PostgresServer) -> TestDatabase:
    """A database that no relay works on: here the test alone decides which facts arrive, and when."""
    return migrated_database(postgres, "sales", DESCRIPTION.migrations, "sales_histories")


@pytest.fixture
def database(apart: TestDatabase) -> TestDatabase:
    """That one, in place of the one that all other tests share."""
    return apart


class History:
    """Sells at random in a tenant; refusals are part of it."""

    def __init__(self, client: ApiClient, clock: MovableClock) -> None:
        self._client = client
        self._clock = clock
        self.pipeline = define_pipeline(client)
        for reason in ("price", "timing"):
            define_reason(client, "loss", reason)
        self._opportunities: list[str] = []
        self._leads: list[str] = []
        self._steps: Sequence[Callable[[Random], object]] = (
            self._open,
            self._open,
            self._move,
            self._move,
            self._move,
            self._lose,
            self._reopen,
            self._change,
            self._act,
            self._capture,
            self._hand_over,
            self._archive,
            self._call,
            self._convert,
        )

    def step(self, number: int, chance: Random) -> None:
        """Do one of the things that happen, an hour or some days after the last."""
        self._clock.move(timedelta(hours=chance.randint(1, 200)))
        self._steps[number % len(self._steps)](chance)

    def _open(self, chance: Random) -> None:
        amount = {"amount": f"{chance.randint(1, 9)}00", "currency": "TWD"}
        more: dict[str, Any] = {"amount": amount} if chance.random() < 0.8 else {}
        more["source"] = chance.choice(["", "fair", "web"])
        one = open_one(self._client, self.pipeline, owner_id=chance.choice(OWNERS), **more)
        self._opportunities.append(one["id"])

    def _move(self, chance: Random) -> None:
        self._post(chance, "move", {"stage": chance.choice(STAGES)})

    def _lose(self, chance: Random) -> None:
        self._post(chance, "lose", {"reason": chance.choice(["price", "timing"])})

    def _reopen(self, chance: Random) -> None:
        self._post(chance, "reopen", {})

    def _change(self, chance: Random) -> None:
        if self._opportunities:
            changes = {"owner_id": chance.choice([*OWNERS, None]), "branch": chance.choice("xy")}
            self._client.patch(f"{OPPORTUNITIES}/{chance.choice(self._opportunities)}", changes)

    def _act(self, chance: Random) -> None:
        if self._opportunities:
            about = chance.choice(self._opportunities)
            body = {"kind": chance.choice(["call", "visit"]), "subject": "Ask"}
            one = good(self._client.post(ACTIVITIES, {**body, "opportunity_id": about}))
            verb = chance.choice(["complete", "complete", "cancel"])
            self._client.post(f"{ACTIVITIES}/{one['id']}/{verb}", {})

    def _capture(self, chance: Random) -> None:
        email = f"{uuid4()}@engines.example"
        about = {"campaign": chance.choice(["", "spring"]), "owner_id": chance.choice(OWNERS)}
        self._leads.append(capture(self._client, email=email, **about)["id"])

    def _hand_over(self, chance: Random) -> None:
        if self._leads:
            to = {"owner_id": chance.choice(OWNERS)}
            self._client.patch(f"{LEADS}/{chance.choice(self._leads)}", to)

    def _call(self, chance: Random) -> None:
        if self._leads:
            body = {"kind": "call", "subject": "Ask", "lead_id": chance.choice(self._leads)}
            one = good(self._client.post(ACTIVITIES, body))
            self._client.post(f"{ACTIVITIES}/{one['id']}/complete", {})

    def _convert(self, chance: Random) -> None:
        if self._leads:
            self._client.post(f"{LEADS}/{chance.choice(self._leads)}/convert", {})

    def _archive(self, chance: Random) -> None:
        if self._leads:
            self._client.post(f"{LEADS}/{chance.choice(self._leads)}/archive")

    def _post(self, chance: Random, verb: str, body: dict[str, Any]) -> None:
        if self._opportunities:
            about = chance.choice(self._opportunities)
            self._client.post(f"{OPPORTUNITIES}/{about}/{verb}", body)


@pytest.fixture
def start(clock: MovableClock) -> datetime:
    """The first moment of a year to come."""
    return datetime(clock.now().year + 1, 1, 1, tzinfo=UTC)


def records(client: ApiClient) -> list[dict[str, Any]]:
    """All opportunities as they are recorded."""
    found: list[dict[str, Any]] = good(client.get(f"{OPPORTUNITIES}?page_size=200"))["items"]
    return found


def outcome_of(
    items: Sequence[Mapping[str, Any]], begin: datetime, end: datetime
) -> tuple[Any, ...]:
    """Worked, won, lost, amount and mean cycle in days, counted one by one."""
    worked = won = lost = 0
    amount, cycles = Decimal(0), []
    for one in items:
        opened = datetime.fromisoformat(one["opened_at"])
        closed = datetime.fromisoformat(one["closed_at"]) if one["closed_at"] else None
        worked += opened < end and (closed is None or closed >= begin)
        if closed is None or not begin <= closed < end:
            continue
        won += one["state"] == "won"
        lost += one["state"] == "lost"
        if one["state"] == "won":
            amount += Decimal(one["base_amount"]["amount"] if one["base_amount"] else 0)
            cycles.append((closed - opened) / timedelta(days=1))
    mean = statistics.mean(cycles) if cycles else None
    return worked, won, lost, amount, mean


def told(figures: Mapping[str, Any]) -> tuple[Any, ...]:
    """The same as a report tells it."""
    cycle = figures["sales_cycle_days"]
    mean = None if cycle is None else pytest.approx(float(cycle["mean"]), abs=0.0001)
    amount = Decimal(figures["won_amount"]["amount"])
    return figures["worked"], figures["won"], figures["lost"], amount, mean


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(st.integers(0, 13), min_size=5, max_size=40),
    chance=st.randoms(use_true_random=False),
)
def test_facts_in_any_order_and_number_count_as_a_recount_does(
    asking: Sales,
    database: TestDatabase,
    clock: MovableClock,
    start: datetime,
    steps: list[int],
    chance: Random,
) -> None:
    clock.move(start - clock.now())
    client = lasting_app(asking, clock)
    choose_base(client)
    history = History(client, clock)
    for number in steps:
        history.step(number, chance)
    assert client.tenant_id is not None
    facts = said(database, client.tenant_id)
    # Late, twice and out of order; in several transactions.
    arrived = [*facts, *chance.sample(facts, len(facts) // 2)]
    chance.shuffle(arrived)
    for place in range(0, len(arrived), 7):
        tell(asking, client.tenant_id, arrived[place : place + 7])
    assert differing(client) == {}
    items, year = records(client), start.year
    begin, end = start, datetime(year + 1, 1, 1, tzinfo=UTC)
    report = good(client.get(f"{ANALYTICS}/outcomes?period={year}&by=owner"))
    assert told(report["total"]) == outcome_of(items, begin, end)
    groups = {one["key"]: told(one) for one in report["groups"]}
    for owner in {one["owner_id"] for one in items}:
        own = outcome_of([one for one in items if one["owner_id"] == owner], begin, end)
        assert groups.get(owner, (0, 0, 0, 0, None)) == own
    losses = good(client.get(f"{ANALYTICS}/loss-reasons?period={year}"))["total"]
    reasons = Counter(
        one["loss_reason"]
        for one in items
        if one["loss_reason"] and begin <= datetime.fromisoformat(one["closed_at"]) < end
    )
    assert {one["reason"]: one["lost"] for one in losses["reasons"]} == reasons


def test_a_recount_sees_what_was_missed_and_mends_it(
    asking: Sales, database: TestDatabase, clock: MovableClock
) -> None:
    client = lasting_app(asking, clock)
    choose_base(client)
    pipeline = define_pipeline(client)
    one, other = open_one(client, pipeline), open_one(client, pipeline)
    good(move(client, one, "talk"))
    capture(client)
    assert differing(client) == {"opportunities": 2, "entries": 3, "leads": 1}
    tell_all(asking, database, client)
    assert differing(client) == {}
    assert client.tenant_id is not None
    forget_counts(database, client.tenant_id)
    assert good(client.post(RECOUNT))["agrees"]
    # A fact of before the recount says nothing new; one of after it does.
    before = said(database, client.tenant_id)
    good(move(client, other, "won"))
    tell(asking, client.tenant_id, before)
    assert differing(client) == {"opportunities": 1, "entries": 1}
    tell_all(asking, database, client)
    assert differing(client) == {}


def test_all_facts_replayed_into_empty_tables_count_the_same(
    asking: Sales, database: TestDatabase, clock: MovableClock
) -> None:
    client = lasting_app(asking, clock)
    choose_base(client)
    history, chance = History(client, clock), Random(4711)  # noqa: S311 - a history
    for number in range(60):
        history.step(number, chance)
    tell_all(asking, database, client)
    year = clock.now().year
    before = good(client.get(f"{ANALYTICS}/outcomes?period={year}&by=month"))
    assert client.tenant_id is not None
    forget_counts(database, client.tenant_id)
    tell_all(asking, database, client)
    assert differing(client) == {}
    assert good(client.get(f"{ANALYTICS}/outcomes?period={year}&by=month")) == before


def test_two_who_recount_while_facts_arrive_lose_nothing(
    asking: Sales, database: TestDatabase, clock: MovableClock
) -> None:
    client = lasting_app(asking, clock)
    choose_base(client)
    history, chance = History(client, clock), Random(7)  # noqa: S311 - a history
    for number in range(40):
        history.step(number, chance)
    tenant = client.tenant_id
    assert tenant is not None
    facts: list[Said] = said(database, tenant)

    def arrive() -> Any:
        for place in range(0, len(facts), 5):
            tell(asking, tenant, facts[place : place + 5])
        return client.get(RECOUNT)

    codes = at_once(arrive, lambda: client.post(RECOUNT), lambda: client.post(RECOUNT))
    assert codes in ([200, 200, 200], [200, 200, 409])  # one recount at a time
    assert differing(client) == {}
