"""Queues, cancels and re-sends messages; each function is one transaction or a part of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict
from notifications.messages.domain import Message, Order, Recipient, Schedule, State
from notifications.messages.reach import require_reach
from notifications.transaction import NotificationsTx


def queue_message(
    tx: NotificationsTx, order: Order, *, asked_at: datetime | None = None
) -> Message:
    """Have a message sent; the one that there is when `request_id` was asked for before.

    `asked_at` is when a request was made that arrives only now. Raises `Invalid`.
    """
    if order.request_id is not None:
        known = tx.messages.requested(order.request_id)
        if known is not None:
            return known
    made = (tx.ids.new(), order, tx.caller.actor, tx.clock.now())
    message = Message.queue(*made, asked_at=asked_at)
    tx.messages.add(message)
    return message


def sealed_address(tx: NotificationsTx, address: str) -> Recipient:
    """Whoever has an address that the sender gives; it is kept sealed."""
    sealed = tx.secrecy.sealer.seal(address.strip().encode(), f"address:{tx.tenant_id}")
    return Recipient(address=sealed)


def cancel_message(tx: NotificationsTx, message_id: UUID) -> Message:
    """Take a message back. Raises `Conflict` once it is being sent."""
    message = tx.messages.get(message_id)
    require_reach(tx, message)
    message.cancel(tx.clock.now())
    return message


def resend_message(tx: NotificationsTx, message_id: UUID) -> Message:
    """Queue the same message anew, linked to the old one; it is decided anew whether it may go.

    Raises `Conflict` while the old one may still go out by itself, and when its words are blanked.
    """
    message = tx.messages.get(message_id)
    require_reach(tx, message)
    if message.is_open:
        raise Conflict("The message may still go out by itself.", code="message_state")
    order = message.order
    if message.blanked_at is not None:
        raise Conflict("What the message said is not kept any longer.", code="message_blanked")
    if message.state is State.DIGESTED:
        order = replace(order, schedule=Schedule())
    again = replace(order, request_id=None, resend_of=message.id, schedule=Schedule())
    return queue_message(tx, again)
