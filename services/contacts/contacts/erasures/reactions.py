"""What contacts does when it hears of its own erasures: nothing, unless somebody is back."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from contacts.erasures.domain import Erasure
from contacts.erasures.operations import erase_again
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1.person_events_pb2 import PersonErased

_REASON = "erased before this state was brought back"


def on_person_erased(tx: ContactsTx, fact: PersonErased, envelope: Envelope) -> None:
    """Erase again whom a restored backup has brought back: the fact is newer than the backup."""
    erasure = Erasure(
        id=tx.ids.new(),
        person_id=UUID(fact.person_id),
        merged_person_ids=tuple(map(UUID, fact.merged_person_ids)),
        reason=_REASON,
        erased_at=envelope.occurred_at,
        erased_by=envelope.actor,
    )
    erase_again(tx, erasure)


def follow_erasures(reactions: Reactions) -> Reactions:
    """Have erasures hold, whatever is brought back."""
    reactions.on(PersonErased, on_person_erased, "projection")
    return reactions
