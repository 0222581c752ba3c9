"""What follows when a lead and we have had to do with each other, by whichever way it is noted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sales.lead_assignments.operations import note_contact
from sales.lead_facts.domain import (
    ConsentSaying,
    ContactKind,
    Origin,
    Touch,
    TouchKind,
    contact_kind,
)
from sales.lead_reviews.operations import look_again
from sales.leads.domain import Lead
from sales.transaction import SalesTx


def keep_touch(
    tx: SalesTx, lead: Lead, touch: Touch, consents: tuple[ConsentSaying, ...] = ()
) -> None:
    """Keep a touch: the lead is fresh again, and an outbound one is a contact.

    Raises `Invalid` for a later time, or for an outbound one that is no contact; `Conflict` for a
    lead that is not open.
    """
    lead.touch(touch, consents, tx.clock.now())
    tx.leads.note_touch(lead, touch)
    if touch.outbound:
        note_contact(tx, lead, contact_kind(touch.kind), touch.at)
    look_again(tx, lead)


def touch_by_activity(tx: SalesTx, lead_id: UUID, kind: ContactKind, at: datetime) -> None:
    """Keep that an activity was done about a lead, also when it is somebody else's by now.

    Of a lead that is not open any more nothing is kept.
    """
    lead = tx.leads.whosever(lead_id)
    if lead is not None and lead.is_open:
        touch = Touch(tx.ids.new(), TouchKind(kind.value), Origin(), at, outbound=True)
        keep_touch(tx, lead, touch)
