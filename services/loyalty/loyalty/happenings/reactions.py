"""Makes happenings of what sales, contacts and desk tell, and has every slice hear of each that is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.domain import Money
from chassis.events.reactions import Envelope, Reactions
from chassis.money import rounded
from loyalty.happenings.domain import Happening, HappeningKind, HappeningLine
from loyalty.happenings.storage import note
from loyalty.people.erased import is_erased
from loyalty.people.named import current_person
from loyalty.transaction import LoyaltyTx
from rapport.common.v1 import money_pb2
from rapport.contacts.events.v1.interaction_events_pb2 import InteractionRecorded
from rapport.desk.events.v1.survey_events_pb2 import SurveyAnswered
from rapport.sales.events.v1 import order_events_pb2 as orders
from rapport.sales.v1.order_pb2 import OrderHeader, OrderLine


class Hear(Protocol):
    """What a slice does about a happening, within the transaction that notes it."""

    def __call__(self, tx: LoyaltyTx, happening: Happening) -> None:
        """Do it. Called once for a happening."""
        ...


class Happenings:
    """Notes happenings, and tells those who hear of them in the order that they are given in."""

    def __init__(self, hearers: Sequence[Hear]) -> None:
        self._hearers = hearers

    def happened(self, tx: LoyaltyTx, happening: Happening) -> None:
        """Note it and tell of it, unless that was done before.

        It befell whoever answers for the person now: facts may name somebody from before a merge.
        What arrives about somebody who was erased is dropped.
        """
        happening = replace(happening, person_id=current_person(tx, happening.person_id))
        if not is_erased(tx, happening.person_id) and note(tx, happening):
            for hear in self._hearers:
                hear(tx, happening)

    def follow_sales(self, reactions: Reactions) -> Reactions:
        """React to what befalls orders; gives the same."""
        reactions.on(orders.OrderPlaced, self.on_order_placed)
        reactions.on(orders.OrderDelivered, self.on_order_delivered)
        reactions.on(orders.OrderReturned, self.on_order_returned)
        reactions.on(orders.OrderRefunded, self.on_order_refunded)
        reactions.on(orders.OrderCancelled, self.on_order_cancelled)
        return reactions

    def follow_contacts(self, reactions: Reactions) -> Reactions:
        """React to what people do; gives the same."""
        reactions.on(InteractionRecorded, self.on_interaction_recorded)
        return reactions

    def follow_desk(self, reactions: Reactions) -> Reactions:
        """React to what customers tell the desk; gives the same."""
        reactions.on(SurveyAnswered, self.on_survey_answered)
        return reactions

    def on_order_placed(self, tx: LoyaltyTx, fact: orders.OrderPlaced, _envelope: Envelope) -> None:
        """Somebody has ordered."""
        self._order(
            tx, HappeningKind.ORDER_PLACED, fact, (fact.order_id, fact.placed_at, fact.total)
        )

    def on_order_delivered(
        self, tx: LoyaltyTx, fact: orders.OrderDelivered, _envelope: Envelope
    ) -> None:
        """An order was delivered, or a part of it: each delivery by itself."""
        what = (fact.delivery_id, fact.delivered_at, fact.total)
        self._order(tx, HappeningKind.ORDER_DELIVERED, fact, what, complete=fact.complete)

    def on_order_returned(
        self, tx: LoyaltyTx, fact: orders.OrderReturned, _envelope: Envelope
    ) -> None:
        """Goods came back."""
        what = (fact.return_id, fact.returned_at, fact.total)
        self._order(tx, HappeningKind.ORDER_RETURNED, fact, what, reason=fact.reason)

    def on_order_refunded(
        self, tx: LoyaltyTx, fact: orders.OrderRefunded, _envelope: Envelope
    ) -> None:
        """Money was paid back."""
        what = (fact.refund_id, fact.refunded_at, fact.total)
        self._order(tx, HappeningKind.ORDER_REFUNDED, fact, what, reason=fact.reason)

    def on_order_cancelled(
        self, tx: LoyaltyTx, fact: orders.OrderCancelled, _envelope: Envelope
    ) -> None:
        """An order is off, before anything of it was delivered."""
        what = (fact.order_id, fact.cancelled_at, fact.order.order_total)
        self._order(tx, HappeningKind.ORDER_CANCELLED, fact, what, reason=fact.reason)

    def on_interaction_recorded(
        self, tx: LoyaltyTx, fact: InteractionRecorded, _envelope: Envelope
    ) -> None:
        """A person did something that an app reports, or was met."""
        at = moment_of(fact.occurred_at)
        happening = Happening(
            id=tx.ids.new(),
            kind=HappeningKind.INTERACTION,
            key=fact.interaction_id,
            person_id=UUID(fact.person_id),
            happened_at=at,
            judged_at=at,
            channel=fact.channel,
            value=_money(fact.value) if fact.HasField("value") else None,
            properties={"interaction_kind": fact.kind},
        )
        self.happened(tx, happening)

    def on_survey_answered(self, tx: LoyaltyTx, fact: SurveyAnswered, _envelope: Envelope) -> None:
        """A person has answered a survey: once for each that they were sent, whatever they correct.

        The score is not among the properties, so that no rule can pay for a good one.
        """
        if not fact.HasField("person_id"):
            return
        at = moment_of(fact.answered_at)
        happening = Happening(
            id=tx.ids.new(),
            kind=HappeningKind.SURVEY_ANSWERED,
            key=fact.survey_request_id,
            person_id=UUID(fact.person_id),
            happened_at=at,
            judged_at=at,
            properties={"survey_id": fact.request.survey_id, "survey_kind": fact.request.kind},
        )
        self.happened(tx, happening)

    def _order(
        self,
        tx: LoyaltyTx,
        kind: HappeningKind,
        fact: Any,
        what: tuple[str, Timestamp, money_pb2.Money],
        **properties: str | bool,
    ) -> None:
        """Note what befell an order of a person; that of a company without one earns nobody anything."""
        header: OrderHeader = fact.order
        key, at, total = what
        if not header.HasField("person_id"):
            return
        lines: Sequence[OrderLine] = getattr(fact, "lines", ())
        happening = Happening(
            id=tx.ids.new(),
            kind=kind,
            key=key,
            person_id=UUID(header.person_id),
            happened_at=moment_of(at),
            judged_at=moment_of(header.placed_at),
            channel=header.channel,
            branch=header.branch,
            value=_money(total),
            order_id=UUID(header.order_id),
            order_number=header.number,
            lines=tuple(_line(line) for line in lines),
            properties=properties,
        )
        self.happened(tx, happening)


def moment_of(stamp: Timestamp) -> datetime:
    """The time that a fact gives, in UTC."""
    return stamp.ToDatetime(UTC)


def _money(given: money_pb2.Money) -> Money:
    return Money(rounded(Decimal(given.amount), given.currency), given.currency)


def _line(line: OrderLine) -> HappeningLine:
    return HappeningLine(
        line_id=line.line_id,
        product_id=UUID(line.product_id) if line.HasField("product_id") else None,
        sku=line.sku,
        category=line.category,
        quantity=Decimal(line.quantity or "0"),
        net=Decimal(line.net.amount or "0"),
        total=Decimal(line.total.amount or "0"),
    )
