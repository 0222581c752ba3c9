"""Random histories of tickets, compared with a model that looks at every single minute (DE-3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.business_hours.domain import AROUND_THE_CLOCK, Holiday, Hours, Interval
from desk.clock_courses.domain import Past, what_counts
from desk.clocks.domain import Clock, ClockKey, Policy, reckon
from desk.service_levels.domain import MinutesByPriority, Target, Terms, Warn
from desk.ticket_facts.domain import Happening, Moment, Priority, Status
from desk.tickets.domain import Ticket
from services.desk.tests.clocks.model import MINUTE, Model, Seen

OPENED = datetime(2026, 3, 27, 14, 30, tzinfo=UTC)
"""A Friday; clocks go forward in Berlin on the Sunday after it."""
WORKDAY = (Interval(9 * 60, 12 * 60), Interval(13 * 60, 18 * 60))
HOURS = (
    AROUND_THE_CLOCK,
    Hours("Asia/Taipei", (WORKDAY,) * 5 + ((), ())),
    Hours(
        "Europe/Berlin",
        ((Interval(0, 24 * 60),),) * 7,
        (Holiday(date(2026, 3, 30), "Inventory", (Interval(8 * 60, 12 * 60),)),),
    ),
    Hours("Europe/Berlin", ((Interval(90, 210), Interval(22 * 60, 24 * 60)),) * 7),
)
MINUTES = st.none() | st.sampled_from((20, 60, 180, 480))
WARNS = (Warn(), Warn(at_percent=75), Warn(at_percent=5), Warn(minutes_before=30))


@st.composite
def policies(draw: st.DrawFn) -> tuple[Terms, Hours]:
    """What a ticket may go by."""

    def minutes() -> MinutesByPriority:
        return MinutesByPriority(*(draw(MINUTES) for _ in Priority))

    terms = Terms(
        name="Policy",
        position=1,
        first_response=minutes(),
        next_response=minutes(),
        resolution=minutes(),
        warn=draw(st.sampled_from(WARNS)),
        pauses_on_hold=draw(st.booleans()),
        pauses_for_third_party=draw(st.booleans()),
        grace_minutes=draw(st.sampled_from((1, 30, 60))),
    )
    return terms, draw(st.sampled_from(HOURS))


ACTS = st.sampled_from(
    """
    customer customer reply reply status resolve resolve reopen close priority policy nothing
    """.split()
)
STEPS = st.lists(
    st.tuples(ACTS, st.integers(0, 9), st.sampled_from((0, 1, 7, 20, 60, 180, 500))), max_size=15
)


@dataclass
class Desk:
    """A ticket with its clocks, as operations have them run; timers fire when they are due."""

    ticket: Ticket
    policy: Policy
    hours: Hours
    punctual: bool = True
    now: datetime = OPENED
    clocks: dict[ClockKey, Clock] = field(default_factory=dict)
    history: list[Past] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: count(2))

    def happen(self, what: Happening, before: Status) -> None:
        """Follow what happened to the ticket just now."""
        moment = Moment(what, self.now, before)
        self.history += what_counts(self.history, moment, self.ticket.status, OPENED, spoken=False)
        self.look()

    def look(self) -> None:
        """Have the clocks go by the time and the policy."""
        header = self.ticket.header
        for clock in self.clocks.values():
            clock.pass_time(header, self.now)
        counting = reckon(
            self.clocks,
            self.history,
            self.policy,
            self.hours,
            header,
            now=self.now,
            new_id=lambda: UUID(int=next(self.ids)),
        )
        self.clocks |= {(one.target, one.round): one for one in counting}

    def pass_to(self, at: datetime) -> None:
        """Have the timers fire on the way, if they are punctual."""
        while self.punctual and (due := [c.next_at for c in self.clocks.values() if c.next_at]):
            if (first := min(due)) > at:
                break
            self.now = max(first, self.now)
            self.look()
        self.now = at
        if self.punctual:
            self.look()

    def seen(self) -> Sequence[Seen]:
        """The clocks as the model sees them."""
        found = [
            (c.target, c.round, c.warned_at, c.breached_at, c.met_at) for c in self.clocks.values()
        ]
        return sorted(found, key=lambda one: one[:2])


def play(
    desk: Desk,
    model: Model,
    steps: Sequence[tuple[str, int, int]],
    others: Sequence[tuple[Terms, Hours]],
) -> Iterator[None]:
    """Have the same happen in both, one step after the other."""
    minute = 0
    desk.happen(Happening.OPENED, Status.NEW)
    for act, which, later in steps:
        minute += later
        desk.pass_to(OPENED + MINUTE * minute)
        model.pass_to(minute)
        ticket, before = desk.ticket, desk.ticket.status
        if before is not Status.CLOSED:
            _step(desk, model, act, which, others)
        if desk.punctual:
            desk.pass_to(desk.now)
        model.pass_to(minute)
        assert ticket.status is model.status
        yield
    desk.pass_to(OPENED + MINUTE * (minute + 1_000))
    desk.look()
    model.pass_to(minute + 1_000)
    yield


def _step(
    desk: Desk, model: Model, act: str, which: int, others: Sequence[tuple[Terms, Hours]]
) -> None:
    ticket, before, now = desk.ticket, desk.ticket.status, desk.now
    if act == "customer":
        ticket.customer_wrote(now)
        desk.happen(Happening.CUSTOMER_MESSAGE, before)
        model.customer_wrote(ticket.status)
    elif act == "reply":
        ticket.answered(now)
        desk.happen(Happening.REPLY, before)
        model.answered(ticket.status)
    elif act == "priority" and ticket.change({"priority": list(Priority)[which % 4]}, now):
        desk.happen(Happening.CHANGED, before)
        model.changed(ticket.priority, model.terms, model.hours)
    elif act == "policy":
        terms, hours = others[which % len(others)]
        desk.policy, desk.hours = (UUID(int=which + 100), terms), hours
        desk.look()
        model.changed(ticket.priority, terms, hours)
    elif (what := _stood_otherwise(ticket, act, which, now)) is not None:
        desk.happen(what, before)
        model.stood(ticket.status)


def _stood_otherwise(ticket: Ticket, act: str, which: int, now: datetime) -> Happening | None:
    """Have a ticket stand otherwise; None when it does not."""
    was_resolved = ticket.status is Status.RESOLVED
    if act == "status" and ticket.set_status(list(Status)[1 + which % 4], "manual", now):
        return Happening.STATUS
    if act == "resolve" and ticket.resolve("user", None, "manual", now):
        return Happening.RESOLVED
    if act == "reopen" and was_resolved:
        ticket.reopen("manual", now)
        return Happening.REOPENED
    if act == "close" and was_resolved and which > 6:
        ticket.close("timer", now)
        return Happening.CLOSED
    return None


def both(first: tuple[Terms, Hours], *, punctual: bool = True) -> tuple[Desk, Model]:
    """A ticket that was just opened, and its model."""
    ticket = Ticket(
        id=UUID(int=1), number=1, prefix="T", subject="Leaks", opened_at=OPENED, updated_at=OPENED
    )
    desk = Desk(ticket, (UUID(int=99), first[0]), first[1], punctual)
    return desk, Model(OPENED, first[0], first[1], ticket.priority)


@settings(max_examples=120, deadline=None)
@given(policies(), st.lists(policies(), min_size=1, max_size=3), STEPS)
def test_clocks_warn_break_and_are_met_when_counting_every_minute_says_so(
    first: tuple[Terms, Hours],
    others: list[tuple[Terms, Hours]],
    steps: list[tuple[str, int, int]],
) -> None:
    desk, model = both(first)
    for _ in play(desk, model, steps, others):
        assert desk.seen() == model.seen()


@settings(max_examples=60, deadline=None)
@given(policies(), st.lists(policies(), min_size=1, max_size=3), STEPS)
def test_clocks_break_at_the_same_instants_when_no_timer_fires_in_time(
    first: tuple[Terms, Hours],
    others: list[tuple[Terms, Hours]],
    steps: list[tuple[str, int, int]],
) -> None:
    desk, model = both(first, punctual=False)
    for _ in play(desk, model, steps, others):
        pass
    assert [(*one[:2], *one[3:]) for one in desk.seen()] == [
        (*one[:2], *one[3:]) for one in model.seen()
    ]


@settings(max_examples=60, deadline=None)
@given(policies(), STEPS)
def test_no_clock_breaks_in_the_moment_in_which_its_ticket_is_reopened(
    first: tuple[Terms, Hours], steps: list[tuple[str, int, int]]
) -> None:
    desk, model = both(first)
    at_once = replace(first[0], grace_minutes=1)
    for _ in play(desk, model, steps, [(at_once, first[1])]):
        for clock in desk.clocks.values():
            if clock.is_open and clock.breached_at is None and clock.due_at is not None:
                assert clock.due_at > desk.now


def test_what_is_reopened_has_the_rest_of_its_time_or_the_grace() -> None:
    terms = Terms("Policy", 1, resolution=MinutesByPriority(normal=120), grace_minutes=30)
    desk, model = both((terms, AROUND_THE_CLOCK))
    steps = [("resolve", 0, 40), ("reopen", 0, 600), ("resolve", 0, 75), ("reopen", 0, 600)]
    resolution = (Target.RESOLUTION, 1)
    due = [desk.clocks[resolution].due_at for _ in play(desk, model, steps, [])]
    first_rest = OPENED + timedelta(minutes=640 + 80)
    with_grace = OPENED + timedelta(minutes=640 + 75 + 600 + 30)
    assert due == [OPENED + timedelta(minutes=120), first_rest, first_rest, with_grace, with_grace]
