"""Members who bring friends, keep their days and come to events: what tests of these begin with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from chassis.clock import MovableClock
from chassis.context import Caller
from chassis.events.reactions import Envelope
from chassis.testing.client import ApiAnswer
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.ledger.queries import balance
from loyalty.people.reactions import on_person_merged
from rapport.contacts.events.v1.person_events_pb2 import PersonMerged
from services.loyalty.tests.befalling import befall, of_order
from services.loyalty.tests.builders import (
    PROGRAMS,
    Loyalty,
    create_program,
    enrol,
    fire,
    good,
    lasting_app,
)
from services.loyalty.tests.tiering import tiers_of

REFERRALS = "/v1/loyalty/referrals"
CODES = "/v1/loyalty/referral-codes"
RECOGNITIONS = "/v1/loyalty/recognitions"
BEGINNING = datetime(2031, 1, 15, 12, tzinfo=UTC)
TERMS = {
    "referrer_gift": {"points": 200},
    "friend_gift": {"points": 100},
    "minimum_order": {"amount": "500", "currency": "TWD"},
    "window_days": 90,
    "reversal_days": 30,
    "sign_up_url": "https://shop.example/sign-up?from=friend",
}


class Club:
    """A program by a clock that the test moves, from the middle of January 2031 on."""

    def __init__(self, loyalty: Loyalty, clock: MovableClock, **program: Any) -> None:
        clock.move(BEGINNING - clock.now())
        self.loyalty, self.clock = loyalty, clock
        self.app = lasting_app(loyalty, clock)
        self.program = create_program(self.app, **program)
        self.orders: dict[UUID, UUID] = {}

    @property
    def terms_path(self) -> str:
        """Where the terms of referrals are."""
        return f"{PROGRAMS}/{self.program['id']}/referral-terms"

    def offer(self, **terms: Any) -> dict[str, Any]:
        """Have the program reward recommendations."""
        return good(self.app.put(self.terms_path, {**TERMS, **terms}))

    def tiers(self, *thresholds: str) -> None:
        """Have the program tell members apart by what they spend: silver, gold, platinum."""
        path = f"{PROGRAMS}/{self.program['id']}/tiers"
        good(self.app.put(path, tiers_of(*thresholds)))
        fire(self.loyalty)

    def member(self, person_id: UUID | None = None) -> dict[str, Any]:
        """Somebody who is a member."""
        return enrol(self.app, self.program, person_id or uuid4())

    def code(self, member: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A member's code."""
        return good(self.app.post(CODES, {"member_id": member["id"], **more}))

    def claim(self, code: dict[str, Any], friend_id: UUID | str) -> ApiAnswer:
        """Have somebody come by a code."""
        return self.app.post(REFERRALS, {"code": code["code"], "friend_person_id": str(friend_id)})

    def brought(self, referrer: dict[str, Any], friend: dict[str, Any]) -> dict[str, Any]:
        """A referral of one member by another."""
        return good(self.claim(self.code(referrer), friend["person_id"]))

    def deliver(self, person: dict[str, Any], total: str, **more: Any) -> UUID:
        """Have an order delivered that somebody has placed just now; gives the order's id."""
        order_id: UUID = more.pop("order_id", None) or uuid4()
        complete = more.pop("complete", True)
        self.tell(
            of_order(
                HappeningKind.ORDER_DELIVERED,
                UUID(person["person_id"]),
                self.clock.now(),
                total,
                order_id=order_id,
                properties={"complete": complete},
                **more,
            )
        )
        return order_id

    def refund(self, person: dict[str, Any], order_id: UUID, total: str) -> None:
        """Have something of an order paid back."""
        kind, person_id = HappeningKind.ORDER_REFUNDED, UUID(person["person_id"])
        self.tell(of_order(kind, person_id, self.clock.now(), total, order_id=order_id))

    def tell(self, *happenings: Happening) -> None:
        """Have things happen, and what follows from them."""
        befall(self.loyalty, self.app, *happenings)
        fire(self.loyalty)

    def merge(self, kept: dict[str, Any], gone: dict[str, Any]) -> None:
        """Have contacts say that two were one person all along."""
        people = {"person_id": kept["person_id"], "merged_person_id": gone["person_id"]}
        fact = PersonMerged(merge_id=str(uuid4()), **people)
        caller, nothing = Caller(self.app.tenant_id, "test"), cast("Envelope", None)
        run = self.loyalty.service.operations.run
        run(caller, lambda tx: on_person_merged(tx, fact, nothing))
        fire(self.loyalty)

    def later(self, **by: float) -> None:
        """Let time go by, and have all fire that falls due."""
        self.clock.move(timedelta(**by))
        for _ in range(10):
            fire(self.loyalty)

    def referral(self, referral: dict[str, Any]) -> dict[str, Any]:
        """How a referral stands."""
        return good(self.app.get(f"{REFERRALS}/{referral['id']}"))

    def points(self, *members: dict[str, Any]) -> list[int]:
        """What members have: available points."""
        return [self._balance(member).available for member in members]

    def pending(self, member: dict[str, Any]) -> int:
        """A member's points that do not count yet."""
        return int(self._balance(member).pending)

    def _balance(self, member: dict[str, Any]) -> Any:
        caller = Caller(self.app.tenant_id, "test")
        return self.loyalty.service.operations.run(caller, balance, UUID(member["id"]))
