"""Whether a message may go to somebody at all: consent, suppression, an address that works (NO-4)."""

from __future__ import annotations

from dataclasses import dataclass

from notifications.delivery.recipients import Addressee
from notifications.messages.domain import HeldBack, Order
from notifications.suppressions.storage import scopes_of
from notifications.transaction import NotificationsTx


@dataclass(frozen=True, slots=True)
class Resolved:
    """Somebody, with what contacts has just said. `promotional` messages need a yes."""

    addressee: Addressee
    promotional: bool


def objection(
    tx: NotificationsTx, order: Order, resolved: Resolved, fingerprint: bytes
) -> HeldBack | None:
    """Why the message may not be sent; None when it may."""
    addressee = resolved.addressee
    if addressee.purpose_archived:
        return HeldBack.PURPOSE_ARCHIVED
    if not addressee.address:
        return HeldBack.NO_ADDRESS
    if not addressee.usable:
        return HeldBack.BAD_ADDRESS
    if resolved.promotional and not addressee.consented:
        return HeldBack.NO_CONSENT
    scopes = scopes_of(tx, addressee.person_id, fingerprint, order.channel)
    if any(scope.covers(order.purpose, promotional=resolved.promotional) for scope in scopes):
        return HeldBack.SUPPRESSED
    return None
