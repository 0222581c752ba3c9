"""What follows for people from what became of messages to them.

A click proves no address, since scanners of mail follow links, too; the button of a confirmation
does, and that is pressed here.
"""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from contacts.consents.domain import Saying
from contacts.consents.operations import withdraw_consents
from contacts.people.point_status import note_bounce, note_return
from contacts.purposes.domain import LegalBasis
from contacts.timeline.point_history import has_bounced, was_restored
from contacts.transaction import ContactsTx
from rapport.notifications.events.v1.message_events_pb2 import (
    AddressRestored,
    MessageBounced,
    MessageComplained,
    Unsubscribed,
)


def follow_messages(reactions: Reactions) -> Reactions:
    """The reactions, with those to bounces and returns, complaints and unsubscriptions."""
    reactions.on(MessageBounced, on_message_bounced)
    reactions.on(AddressRestored, on_address_restored)
    reactions.on(MessageComplained, on_message_complained)
    reactions.on(Unsubscribed, on_unsubscribed)
    return reactions


def on_message_bounced(tx: ContactsTx, fact: MessageBounced, envelope: Envelope) -> None:
    """Note an address that will never take a message, unless it was changed or restored since."""
    if fact.permanent and fact.person_id and fact.contact_point_id:
        person_id, point_id = UUID(fact.person_id), UUID(fact.contact_point_id)
        if not was_restored(tx, person_id, point_id, since=envelope.occurred_at):
            note_bounce(tx, person_id, point_id)


def on_address_restored(tx: ContactsTx, fact: AddressRestored, envelope: Envelope) -> None:
    """Note that an address takes messages again, unless it has bounced since."""
    if fact.person_id and fact.contact_point_id:
        person_id, point_id = UUID(fact.person_id), UUID(fact.contact_point_id)
        if not has_bounced(tx, person_id, point_id, since=envelope.occurred_at):
            note_return(tx, person_id, point_id)


def on_message_complained(tx: ContactsTx, fact: MessageComplained, envelope: Envelope) -> None:
    """Withdraw what a person has reported as unwanted."""
    if fact.person_id:
        saying = _no("complaint", fact.message_id, envelope)
        withdraw_consents(tx, UUID(fact.person_id), fact.purpose, fact.channel, saying)


def on_unsubscribed(tx: ContactsTx, fact: Unsubscribed, envelope: Envelope) -> None:
    """Withdraw what a person has unsubscribed from: one purpose, or all that is promotional."""
    saying = _no("unsubscribed", fact.message_id, envelope)
    withdraw_consents(tx, UUID(fact.person_id), fact.purpose, fact.channel, saying)


def _no(source: str, message_id: str, envelope: Envelope) -> Saying:
    return Saying(
        granted=False,
        legal_basis=LegalBasis.CONSENT,
        source=source,
        proof=f"message {message_id}" if message_id else f"fact {envelope.id}",
        said_at=envelope.occurred_at,
    )
