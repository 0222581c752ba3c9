"""Makes tiers over REST, and has things befall members as sales tells them, by the test's own clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.events.reactions import Envelope
from chassis.testing.client import ApiClient
from loyalty.app import timer_runner
from loyalty.happenings.reactions import Happenings
from loyalty.hearing import HEARERS
from loyalty.transaction import LoyaltyTx
from rapport.sales.events.v1 import order_events_pb2 as orders
from services.loyalty.tests.builders import (
    MEMBERS,
    PROGRAMS,
    Loyalty,
    create_program,
    delivered,
    enrol,
    good,
    header,
    lasting_app,
    order_line,
    stamp,
    twd,
)

NAMES = ("silver", "gold", "platinum")


def tiers_of(*thresholds: str, **more: Any) -> dict[str, Any]:
    """Silver, gold, platinum, each for so much."""
    tiers = [
        {"key": key, "name": {"en": key.title()}, "threshold": threshold}
        for key, threshold in zip(NAMES, thresholds, strict=False)
    ]
    return {"tiers": tiers, "by": "spend", **more}


class Shop:
    """A tenant with one program that has tiers, by a clock that the test moves."""

    def __init__(self, timed: Loyalty, clock: MovableClock, at: datetime) -> None:
        clock.move(at - clock.now())
        self.loyalty, self.clock = timed, clock
        self.app: ApiClient = lasting_app(timed, clock)
        assert self.app.tenant_id is not None
        self.tenant_id = self.app.tenant_id
        self.program = create_program(self.app)

    def tiers(self, body: dict[str, Any]) -> dict[str, Any]:
        """Define the tiers, and let what follows be done."""
        defined = good(self.app.put(f"{PROGRAMS}/{self.program['id']}/tiers", body))
        self.fire()
        return defined

    def member(self, person: UUID | None = None, **more: Any) -> dict[str, Any]:
        """A new member."""
        return enrol(self.app, self.program, person or uuid4(), **more)

    def deliver(
        self, member: dict[str, Any], amount: str, order_id: UUID | None = None
    ) -> orders.OrderDelivered:
        """An order of the member is delivered now; gives what sales tells of it."""
        fact = delivered(UUID(member["person_id"]), amount, at=self.clock.now(), order_id=order_id)
        self.tell(fact)
        return fact

    def refund(self, of: orders.OrderDelivered, amount: str) -> None:
        """Money for a delivered order is paid back now."""
        now = self.clock.now()
        order = header(UUID(of.person_id), UUID(of.order_id), now, amount)
        self.tell(
            orders.OrderRefunded(
                order_id=of.order_id,
                person_id=of.person_id,
                order=order,
                refund_id=str(uuid4()),
                lines=[order_line(amount)],
                total=twd(amount),
                refunded_at=stamp(now),
            )
        )

    def tell(self, fact: orders.OrderDelivered | orders.OrderRefunded) -> None:
        """Have the service react to what sales tells, as its consumer would."""
        happenings = Happenings(HEARERS)
        react: Any = (
            happenings.on_order_delivered
            if isinstance(fact, orders.OrderDelivered)
            else happenings.on_order_refunded
        )
        envelope = Envelope(
            id=uuid4(),
            type=fact.DESCRIPTOR.full_name,
            tenant_id=self.tenant_id,
            aggregate_id=UUID(fact.order_id),
            aggregate_version=1,
            actor="service:sales",
            occurred_at=self.clock.now(),
            traceparent=None,
        )

        def work(tx: LoyaltyTx) -> None:
            react(tx, fact, envelope)

        caller = service_caller("loyalty", self.tenant_id)
        self.loyalty.service.operations.run(caller, work)

    def go_to(self, at: datetime) -> None:
        """Let time pass up to then, and what is due by then be done."""
        self.clock.move(at - self.clock.now())
        self.fire()

    def fire(self) -> None:
        """Do what is due, and what that leads to."""
        runner = timer_runner(self.loyalty.service)
        assert any(runner.run_due() > 0 for _ in range(100)), "something is due again and again"

    def standing(self, member: dict[str, Any]) -> dict[str, Any]:
        """In which tier a member is."""
        return good(self.app.get(f"{MEMBERS}/{member['id']}/tier"))

    def tier(self, member: dict[str, Any]) -> str | None:
        """The key of the tier that a member is in."""
        tier = self.standing(member)["tier"]
        return None if tier is None else str(tier["key"])

    def history(self, member: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
        """The steps of a member, the oldest first."""
        moves = good(self.app.get(f"{MEMBERS}/{member['id']}/tier/history?sort=at"))["items"]
        return [(one["kind"], one["before"], one["after"]) for one in moves]
