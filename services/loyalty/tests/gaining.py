"""A program with rules, members to whom things happen by a clock that tests move, and what they earn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import MovableClock
from chassis.context import Caller
from chassis.domain import Money
from chassis.storage.scope import EVERYTHING
from chassis.testing.client import ApiClient
from loyalty.happenings.domain import Happening, HappeningKind, HappeningLine
from loyalty.ledger.domain import Balances
from loyalty.ledger.queries import balance
from services.loyalty.tests.befalling import befall, interaction
from services.loyalty.tests.builders import (
    MEMBERS,
    Loyalty,
    create_program,
    enrol,
    fire,
    good,
    lasting_app,
)

RULES = "/v1/loyalty/earning-rules"
VELOCITY = "/v1/loyalty/velocity-rules"
REVIEWS = "/v1/loyalty/velocity-reviews"
NOON = datetime(2031, 3, 5, 4, tzinfo=UTC)
"""A Wednesday, noon in Taipei."""

Lines = Sequence[tuple[str, str]]


def fixed(points: int) -> dict[str, Any]:
    """So many points each time."""
    return {"kind": "fixed", "points": points}


def per(amount: str, points: int = 1, **more: Any) -> dict[str, Any]:
    """Points per amount of Taiwan dollars."""
    money = {"amount": amount, "currency": "TWD"}
    return {"kind": "per_amount", "points": points, "amount": money, **more}


def times(factor: str) -> dict[str, Any]:
    """So many times as many."""
    return {"kind": "multiplier", "factor": factor}


def cap(limit: int, per: str, measure: str = "points") -> dict[str, Any]:
    """A cap."""
    return {"measure": measure, "per": per, "limit": limit}


def of_lines(lines: Lines) -> tuple[HappeningLine, ...]:
    """Lines by their category, which is their name and their article, too, and their total."""
    return tuple(
        HappeningLine(
            line_id=category,
            product_id=None,
            sku=category.upper(),
            category=category,
            quantity=Decimal(1),
            net=Decimal(total),
            total=Decimal(total),
        )
        for category, total in lines
    )


class Gaining:
    """A tenant whose clock stands at noon of a Wednesday in March 2031, until it is moved."""

    def __init__(self, loyalty: Loyalty, clock: MovableClock, **program: Any) -> None:
        clock.move(NOON - clock.now())
        self.loyalty, self.clock = loyalty, clock
        self.app: ApiClient = lasting_app(loyalty, clock)
        self.program = create_program(self.app, **program)

    def later(self, **by: float) -> None:
        """Let time go by, and what is due be done."""
        self.clock.move(timedelta(**by))
        fire(self.loyalty)

    def person(self) -> UUID:
        """Somebody who is a member from now on."""
        person_id = uuid4()
        enrol(self.app, self.program, person_id)
        return person_id

    def draft(self, gives: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A rule that gives nothing yet."""
        terms = {"name": "Rule", "trigger": "order_delivered", "gives": gives, **more}
        return good(self.app.post(RULES, {"program_id": self.program["id"], **terms}))

    def rule(self, gives: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A rule that is in force from now on."""
        return self.activate(self.draft(gives, **more))

    def activate(self, rule: dict[str, Any]) -> dict[str, Any]:
        """The rule in force as it is written."""
        return good(self.app.post(f"{RULES}/{rule['id']}/activate"))

    def change(self, rule: dict[str, Any], **terms: Any) -> dict[str, Any]:
        """The rule written anew."""
        return good(self.app.patch(f"{RULES}/{rule['id']}", terms))

    def bought(
        self,
        person_id: UUID,
        *lines: tuple[str, str],
        kind: HappeningKind = HappeningKind.ORDER_DELIVERED,
        **more: Any,
    ) -> Happening:
        """What befalls an order of a person: now, unless `at` says when; `placed_at` when it was made."""
        at = more.pop("at", self.clock.now())
        total = sum((Decimal(amount) for _, amount in lines), Decimal(0))
        told: dict[str, Any] = {"order_id": uuid4(), "order_number": "A-1", "key": str(uuid4())}
        return Happening(
            id=uuid4(),
            kind=kind,
            person_id=person_id,
            happened_at=at,
            judged_at=more.pop("placed_at", at),
            value=Money(total, more.pop("currency", "TWD")),
            lines=of_lines(lines),
            **{**told, **more},
        )

    def refunded(self, order: Happening, *lines: tuple[str, str], **more: Any) -> Happening:
        """Money that was paid back for an order."""
        kind = HappeningKind.ORDER_REFUNDED
        same = {"order_id": order.order_id, "placed_at": order.judged_at}
        return self.bought(order.person_id, *lines, kind=kind, **same, **more)

    def tell(self, *happenings: Happening) -> None:
        """Have things befall people, each in a transaction of its own."""
        befall(self.loyalty, self.app, *happenings)

    def buy(self, person_id: UUID, *lines: tuple[str, str], **more: Any) -> Happening:
        """An order that was delivered, and heard of."""
        bought = self.bought(person_id, *lines, **more)
        self.tell(bought)
        return bought

    def did(self, person_id: UUID, kind: str, **more: Any) -> None:
        """Something that contacts tells of, now."""
        self.tell(interaction(person_id, kind, self.clock.now(), **more))

    def told(self, kind: HappeningKind, person_id: UUID, program: dict[str, Any]) -> None:
        """What loyalty itself tells of a person in one program."""
        now = self.clock.now()
        happened = Happening(
            id=uuid4(),
            kind=kind,
            key=str(uuid4()),
            person_id=person_id,
            happened_at=now,
            judged_at=now,
            properties={"program_id": program["id"]},
        )
        self.tell(happened)

    def member(self, person_id: UUID) -> dict[str, Any]:
        """The membership of a person."""
        (found,) = self.app.get(f"{MEMBERS}?person_id={person_id}&status=active").json["items"]
        member: dict[str, Any] = found
        return member

    def has(self, person_id: UUID) -> Balances:
        """A person's points."""
        member_id = UUID(self.member(person_id)["id"])
        caller = Caller(self.app.tenant_id, "test")
        return self.loyalty.service.operations.read(caller, EVERYTHING, balance, member_id)

    def free(self, person_id: UUID) -> int:
        """How many points a person can spend."""
        return self.has(person_id).available

    def earnings(self, person_id: UUID, query: str = "") -> list[dict[str, Any]]:
        """What was judged about a person, the latest first."""
        path = f"{MEMBERS}/{self.member(person_id)['id']}/earnings"
        items: list[dict[str, Any]] = good(self.app.get(path + query))["items"]
        return items

    def why(self, person_id: UUID) -> list[str]:
        """Why rules gave nothing, or how many points they gave; the latest first."""
        return [one["reason"] or str(one["points"]) for one in self.earnings(person_id)]
