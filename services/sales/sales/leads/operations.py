"""What users, other systems and forms do to leads; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.idempotency import withdraw_replies
from sales.lead_assignments.operations import assign_captured
from sales.lead_assignments.promises import take_over_promise
from sales.lead_facts.domain import ConsentSaying, Origin, Touch, TouchKind
from sales.lead_reviews.operations import look_again
from sales.leads.domain import Lead, LeadDetails, LeadState, require_past
from sales.leads.storage import EXTERNAL_IDS_UNIQUE
from sales.leads.touching import keep_touch
from sales.orders.domain import ExternalId
from sales.people.named import current_or_none
from sales.transaction import SalesTx


@dataclass(frozen=True, slots=True)
class Encounter:
    """What brought a lead and us together, and what was said about consent; now without `at`."""

    kind: TouchKind = TouchKind.OTHER
    origin: Origin = field(default_factory=Origin)
    at: datetime | None = None
    consents: tuple[ConsentSaying, ...] = ()
    web_form_id: UUID | None = None
    outbound: bool = False


@dataclass(frozen=True, slots=True)
class Captured:
    """A lead that is there now; `new` unless it was known."""

    lead: Lead
    new: bool = True


def capture_lead(
    tx: SalesTx,
    details: LeadDetails,
    encounter: Encounter,
    external_ids: tuple[ExternalId, ...] = (),
) -> Lead:
    """Capture a lead with its first touch; without an owner the assignment rules find one.

    Raises `Invalid`, `Conflict` for a taken external id.
    """
    now = tx.clock.now()
    at = encounter.at or now
    require_past(at, now, "/captured_at")
    details = _normal(replace(details, person_id=current_or_none(tx, details.person_id)))
    touch = Touch(tx.ids.new(), encounter.kind, encounter.origin, at, encounter.web_form_id)
    lead = Lead(
        id=tx.ids.new(),
        state=LeadState.OPEN,
        details=details,
        origin=encounter.origin,
        external_ids=external_ids,
        touches=1,
        first_touch_at=at,
        last_touch_at=at,
        fresh_since=at,
        captured_at=at,
        updated_at=now,
    )
    lead.say(encounter.consents)
    lead.capture(touch)
    tx.leads.add(lead)
    tx.leads.note_touch(lead, touch)
    look_again(tx, lead)
    assign_captured(tx, lead)
    return lead


def capture_lead_once(
    tx: SalesTx,
    key: ExternalId,
    details: LeadDetails,
    changes: Mapping[str, Any],
    encounter: Encounter,
) -> Captured:
    """Capture the lead that another system calls this; of one that is there, change what is said.

    The first touch of one that is there stays as it was. Raises `Invalid`, `PreconditionFailed`,
    `Conflict` for one that is archived.
    """
    known = tx.leads.by_external_id(key)
    tx.require_version(known)
    if known is not None:
        return Captured(change_lead(tx, known.id, changes), new=False)
    tx.try_again_on(EXTERNAL_IDS_UNIQUE)
    return Captured(capture_lead(tx, details, encounter, (key,)))


def change_lead(tx: SalesTx, lead_id: UUID, changes: Mapping[str, Any]) -> Lead:
    """Change what is mentioned. Raises `NotFound`, `Invalid`, `Conflict` for an archived one."""
    lead = tx.leads.get(lead_id)
    details = _normal(replace(lead.details, **changes))
    if "person_id" in changes:
        details = replace(details, person_id=current_or_none(tx, details.person_id))
    before = lead.details.owner_id
    lead.change(details, tx.clock.now())
    if lead.details.owner_id != before:
        take_over_promise(tx, lead, before)
    look_again(tx, lead)
    return lead


def touch_lead(tx: SalesTx, lead_id: UUID, encounter: Encounter) -> Lead:
    """Note a touch. Raises `NotFound`, `Invalid` for a later time, `Conflict` for an archived one."""
    lead = tx.leads.get(lead_id)
    touch = Touch(
        tx.ids.new(),
        encounter.kind,
        encounter.origin,
        encounter.at or tx.clock.now(),
        encounter.web_form_id,
        encounter.outbound,
    )
    keep_touch(tx, lead, touch, encounter.consents)
    return lead


def meet_lead(
    tx: SalesTx, details: LeadDetails, encounter: Encounter, owner_id: UUID | None = None
) -> Captured:
    """Capture somebody, or touch the open lead with the same e-mail and fill in what it lacks.

    A new one is `owner_id`'s; one that is there stays whose it is.
    """
    details = _normal(details)
    known = tx.leads.open_with_email(details.email) if details.email else None
    if known is None:
        return Captured(capture_lead(tx, replace(details, owner_id=owner_id), encounter))
    known.change(known.fill(details), tx.clock.now())
    return Captured(touch_lead(tx, known.id, encounter), new=False)


def archive_lead(tx: SalesTx, lead_id: UUID) -> Lead:
    """Put a lead away. Raises `NotFound`."""
    lead = tx.leads.get(lead_id)
    lead.archive(tx.clock.now())
    look_again(tx, lead)
    return lead


def restore_lead(tx: SalesTx, lead_id: UUID) -> Lead:
    """Go on with a lead that was put away. Raises `NotFound`."""
    lead = tx.leads.get(lead_id)
    lead.restore(tx.clock.now())
    look_again(tx, lead)
    return lead


def erase_lead(tx: SalesTx, lead_id: UUID) -> Lead:
    """Forget who a lead is; it stays for its dates and its origin, and for the proof of consents.

    Raises `NotFound`, `Conflict` for one that is a person of contacts.
    """
    lead = tx.leads.get(lead_id)
    lead.erase(tx.clock.now())
    tx.leads.take_out(lead_id)
    look_again(tx, lead)  # it is not looked at any more
    withdraw_replies(tx, [str(lead_id)])
    return lead


def _normal(details: LeadDetails) -> LeadDetails:
    """E-mail addresses compare in lower case, so that is how they are kept."""
    return replace(details, email=details.email.strip().lower())
