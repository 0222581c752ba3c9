"""Has things befall people in tests, without the facts that would tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from chassis.context import Caller
from chassis.money import money
from chassis.testing.client import ApiClient
from loyalty.happenings.domain import Happening, HappeningKind, HappeningLine
from loyalty.happenings.reactions import Happenings
from loyalty.hearing import HEARERS
from loyalty.transaction import LoyaltyTx
from services.loyalty.tests.builders import Loyalty


def interaction(person_id: UUID, kind: str, at: datetime, **more: Any) -> Happening:
    """Something that contacts tells of."""
    return Happening(
        id=uuid4(),
        kind=HappeningKind.INTERACTION,
        key=str(uuid4()),
        person_id=person_id,
        happened_at=at,
        judged_at=at,
        properties={"interaction_kind": kind},
        **more,
    )


def of_order(
    kind: HappeningKind, person_id: UUID, at: datetime, total: str, **more: Any
) -> Happening:
    """Something that befalls an order of one line, in Taiwan dollars; `category` is the line's."""
    line = HappeningLine(
        line_id="1",
        product_id=None,
        sku="",
        category=more.pop("category", "coffee"),
        quantity=Decimal(1),
        net=money(total, "TWD").amount,
        total=money(total, "TWD").amount,
    )
    told: dict[str, Any] = {"order_id": uuid4(), "key": str(uuid4()), "lines": (line,), **more}
    return Happening(
        id=uuid4(),
        kind=kind,
        person_id=person_id,
        happened_at=at,
        judged_at=at,
        value=money(total, "TWD"),
        **told,
    )


def purchase(person_id: UUID, at: datetime, total: str = "100", **more: Any) -> Happening:
    """A delivered order."""
    return of_order(HappeningKind.ORDER_DELIVERED, person_id, at, total, **more)


def befall(loyalty: Loyalty, client: ApiClient, *happenings: Happening) -> None:
    """Note happenings and have all hear of them, each in a transaction of its own."""
    heard = Happenings(HEARERS)

    def one(tx: LoyaltyTx, happening: Happening) -> None:
        heard.happened(tx, happening)

    caller = Caller(client.tenant_id, "test")
    for happening in happenings:
        loyalty.service.operations.run(caller, one, happening)


def befall_together(loyalty: Loyalty, client: ApiClient, happenings: Sequence[Happening]) -> None:
    """The same for many, in one transaction, which is quicker."""
    heard = Happenings(HEARERS)

    def all_of_them(tx: LoyaltyTx) -> None:
        for happening in happenings:
            heard.happened(tx, happening)

    loyalty.service.operations.run(Caller(client.tenant_id, "test"), all_of_them)
