"""Whatever triggers there are and whatever happens to a ticket, it ends (DE-6)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.clock import MovableClock
from desk.trigger_chains.domain import MOST_AN_HOUR, MOST_DEEP, Barred, Chain
from services.desk.tests.automating import (
    Hearing,
    firings,
    make_trigger,
    raise_to,
    say,
    tag,
    timed_app,
    untag,
)
from services.desk.tests.builders import TICKETS, Desk, good, open_ticket
from services.desk.tests.conversing import hear, reply

_TAGS = ("a", "b", "c")
_EVENTS = (
    "ticket_opened",
    "ticket_changed",
    "status_changed",
    "customer_message",
    "public_reply",
    "internal_note",
)
_CONDITIONS = (
    "",
    "'a' in tags",
    "!('a' in tags)",
    "'b' in tags && priority == 'high'",
    "priority != 'high'",
    "status == 'open' || author == 'service'",
)
_ACTIONS = st.one_of(
    st.sampled_from(_TAGS).map(tag),
    st.sampled_from(_TAGS).map(untag),
    st.sampled_from(("low", "high")).map(raise_to),
    st.sampled_from(("reply", "note")).map(lambda kind: say("Said.", kind)),
    st.sampled_from(("open", "on_hold", "resolved")).map(
        lambda status: {"kind": "set_status", "status": status}
    ),
)
_TRIGGERS = st.lists(
    st.tuples(st.sampled_from(_EVENTS), st.sampled_from(_CONDITIONS), _ACTIONS),
    min_size=1,
    max_size=6,
)
_STEPS = st.lists(st.sampled_from(("hear", "reply", "low", "high")), min_size=1, max_size=3)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(triggers=_TRIGGERS, steps=_STEPS)
def test_any_set_of_triggers_ends_over_any_ticket(
    timed: Desk,
    clock: MovableClock,
    triggers: list[tuple[str, str, dict[str, Any]]],
    steps: list[str],
) -> None:
    app = timed_app(timed, clock)
    hearing = Hearing(timed, app)
    for event, condition, action in triggers:
        make_trigger(app, event, action, condition=condition)
    ticket = open_ticket(app, message={"text": "It leaks"})
    hearing.settle(most=1_500)
    for step in steps:
        if step == "hear":
            good(hear(app, ticket))
        elif step == "reply":
            good(reply(app, ticket))
        else:
            good(app.patch(f"{TICKETS}/{ticket['id']}", {"priority": step}))
        hearing.settle(most=1_500)
    done = [one for one in firings(app) if one["outcome"] != "stopped"]
    assert len(done) <= MOST_AN_HOUR
    assert all(one["depth"] < MOST_DEEP for one in done)


def test_a_trigger_fires_once_in_a_chain_and_again_about_another_ticket() -> None:
    one, other, first = uuid4(), uuid4(), uuid4()
    chain = Chain(one).after((first,), stopped=False)
    assert chain.bars(first, 0) is Barred.AGAIN
    assert chain.bars(uuid4(), 0) is None
    elsewhere = chain.about(other)
    assert (elsewhere.bars(first, 0), elsewhere.depth) == (None, 1)


@pytest.mark.parametrize("steps", [MOST_DEEP - 1, MOST_DEEP])
def test_the_last_step_that_may_be_is_the_tenth(steps: int) -> None:
    chain = Chain(uuid4())
    for _ in range(steps):
        chain = chain.after((uuid4(),), stopped=False)
    expected = None if steps < MOST_DEEP else Barred.TOO_DEEP
    assert chain.bars(uuid4(), 0) is expected


def test_what_fires_nothing_goes_no_deeper_and_forgets_nothing() -> None:
    first = uuid4()
    chain = Chain(uuid4()).after((first,), stopped=True).after((), stopped=False)
    assert (chain.depth, chain.fired, chain.stopped) == (1, (first,), True)


def test_the_hours_last_is_barred_at_the_limit() -> None:
    chain = Chain(uuid4())
    assert chain.bars(uuid4(), MOST_AN_HOUR - 1) is None
    assert chain.bars(uuid4(), MOST_AN_HOUR) is Barred.TOO_OFTEN
