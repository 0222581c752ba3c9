"""Metrics of the desk say how late routing is, what was decided, what became of mail, and what broke."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from prometheus_client import Counter, Gauge

from chassis.clock import MovableClock
from desk.metrics import (
    inbound_mails,
    routing_decisions,
    routing_oldest_due,
    service_levels_breached,
)
from desk.routing.customers import Asking, CustomerAsker
from desk.routing.domain import Heard
from desk.routing.lag import measure_lag
from desk.routing.router import Router
from services.desk.tests.builders import Desk, lasting_app, open_ticket
from services.desk.tests.mail_reading.mails import mail
from services.desk.tests.mailing import hand_over, landed, new_mailbox
from services.desk.tests.promising import make_level, minutes, pass_time
from services.desk.tests.routing_builders import RoutingByHand, make_agent, make_queue
from services.desk.tests.routing_fakes import FakeMemberships, FakeOwners


def told(metric: Counter | Gauge, **labels: str) -> float:
    """What a metric says at this moment."""
    (family,) = metric.collect()
    samples = [one for one in family.samples if not one.name.endswith("_created")]
    return sum(one.value for one in samples if one.labels == labels)


def test_what_nobody_routes_is_late_until_somebody_does(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    make_agent(timed, app, make_queue(app))
    routing = RoutingByHand(timed, app)
    database = timed.service.database
    routing.settle()
    assert measure_lag(database, clock) == 0
    open_ticket(app, person_id=str(uuid4()))
    routing.hear()
    clock.move(timedelta(seconds=95))
    assert measure_lag(database, clock) == 95
    assert told(routing_oldest_due) == 95
    routing.settle()
    assert measure_lag(database, clock) == 0
    assert told(routing_oldest_due) == 0


def test_decisions_are_counted_by_what_was_decided(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    queue = make_queue(app)
    make_agent(timed, app, queue, capacity=1)
    routing = RoutingByHand(timed, app)
    before = [told(routing_decisions, outcome=one) for one in ("assigned", "nobody_free")]
    for _ in range(3):
        open_ticket(app, queue_id=queue["id"], person_id=str(uuid4()))
        routing.settle()
    after = [told(routing_decisions, outcome=one) for one in ("assigned", "nobody_free")]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 2]


class BrokenAsker(CustomerAsker):
    """Has a defect, whatever is asked."""

    def ask(self, about: Asking) -> Heard:
        """Fail."""
        raise RuntimeError(f"a defect with {about.person_id}")


def test_a_decision_that_fails_is_counted_as_failed(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    make_queue(app)
    routing = RoutingByHand(timed, app)
    open_ticket(app, person_id=str(uuid4()))
    routing.hear()
    service = timed.service
    asker = BrokenAsker(FakeMemberships(), FakeOwners())
    broken = Router(service.database, service.operations, asker, "desk", service.clock)
    before = told(routing_decisions, outcome="failed")
    broken.route_due()
    assert told(routing_decisions, outcome="failed") == before + 1
    clock.move(timedelta(seconds=10))
    routing.settle()
    assert told(routing_decisions, outcome="failed") == before + 1


def test_mails_are_counted_by_what_became_of_them(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    mailbox = new_mailbox(app, acknowledges=False)
    outcomes = ("opened", "duplicate", "refused", "failed")
    before = [told(inbound_mails, outcome=one) for one in outcomes]
    for _ in range(3):
        landed(timed, app, mailbox, mail())
    assert hand_over(timed, mailbox, mail(), "another secret").status_code == 403
    after = [told(inbound_mails, outcome=one) for one in outcomes]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 2, 1, 0]


def test_deadlines_that_pass_are_counted_once(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    make_level(app)
    open_ticket(app)
    before = told(service_levels_breached, target="first_response")
    pass_time(timed, clock, minutes(59))
    assert told(service_levels_breached, target="first_response") == before
    for _ in range(3):
        pass_time(timed, clock, minutes(1))
    assert told(service_levels_breached, target="first_response") == before + 1
