"""Leads as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.batch import BatchIn, items_of
from chassis.http.body import Body, Moment, Patch
from sales.lead_facts.domain import ConsentSaying, Freshness, Origin, Qualification, TouchKind
from sales.leads.domain import Lead, LeadDetails, LeadState
from sales.leads.operations import Encounter
from sales.leads.storage import DETAILS, ORIGIN
from sales.names import Key, Line, Short, Text
from sales.orders.domain import ExternalId
from sales.orders.models import ExternalIdIn

Country = Annotated[str, Field(pattern="^([A-Z]{2})?$")]
Email = Annotated[str, Field(max_length=254, pattern=r"^([^@\s]+@[^@\s]+)?$")]
Channel = Annotated[str, Field(min_length=1, max_length=20, pattern="^[a-z_]+$")]


class ConsentIn(Body):
    """A yes or no to a purpose on a channel; `wording` is what was agreed to, word for word."""

    purpose: Key
    channel: Channel
    granted: bool
    wording: Annotated[str, Field(max_length=2_000)] = ""


class OriginIn(Body):
    """Where a touch comes from."""

    source: Short = ""
    campaign: Short = ""
    landing_page: Line = ""
    variant: Short = ""


class LeadFields(Body):
    """What may be entered about a lead; it needs a name, an address, a number or a person's id."""

    given_name: Short = ""
    family_name: Short = ""
    email: Email = ""
    phone: Annotated[str, Field(max_length=50)] = ""
    company_name: Annotated[str, Field(max_length=200)] = ""
    job_title: Short = ""
    industry: Short = ""
    company_size: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    country: Country = ""
    postal_code: Annotated[str, Field(max_length=20)] = ""
    language: Annotated[str, Field(max_length=35)] = ""
    description: Text = ""
    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None


class LeadIn(LeadFields, OriginIn):
    """A new lead with its first touch; `captured_at` is when that was, now unless it is said."""

    touch: TouchKind = TouchKind.OTHER
    consents: Annotated[tuple[ConsentIn, ...], Field(max_length=20)] = ()
    external_ids: Annotated[tuple[ExternalIdIn, ...], Field(max_length=20)] = ()
    captured_at: Moment | None = None


class KnownLeadIn(LeadFields, OriginIn):
    """A lead by its external id; where it came from counts when it is new."""

    touch: TouchKind = TouchKind.OTHER
    consents: Annotated[tuple[ConsentIn, ...], Field(max_length=20)] = ()
    captured_at: Moment | None = None


class ImportedLeadIn(KnownLeadIn):
    """A lead of another system, by the id that it has there; new, its first touch is the import."""

    external_id: Annotated[str, Field(min_length=1, max_length=200)]
    touch: TouchKind = TouchKind.IMPORT


class LeadPatch(Patch, LeadFields):
    """What may change about a lead; where it came from first stays."""


class LeadsBatchIn(BatchIn):
    """Up to 1,000 leads to capture."""

    items: Annotated[tuple[Any, ...], items_of(LeadIn)]


class LeadsImportIn(BatchIn):
    """Up to 1,000 leads of another system, whose name for itself is `system`."""

    system: Annotated[str, Field(min_length=1, max_length=50)]
    items: Annotated[tuple[Any, ...], items_of(ImportedLeadIn)]


class TouchIn(OriginIn):
    """A touch, now unless it is said when.

    `outbound` is one that began with the tenant: a call, mail, meeting or visit; the first such is
    the first contact.
    """

    kind: TouchKind
    at: Moment | None = None
    outbound: bool = False
    consents: Annotated[tuple[ConsentIn, ...], Field(max_length=20)] = ()


class ConsentOut(BaseModel):
    """What was said about a purpose on a channel, in which words, when and where."""

    purpose: str
    channel: str
    granted: bool
    wording: str
    source: str
    said_at: datetime


class DecisionOut(BaseModel):
    """Who has said when that the lead is qualified, by which framework, or why it is not."""

    at: datetime
    by: str
    framework_id: UUID | None
    reason: str
    note: str


class LeadOut(BaseModel):
    """A lead. Source, campaign, landing page and variant are those of its first touch.

    `stale_at` is when nobody will have had to do with it for too long; `recycled` is how often that
    has cost it its owner. `first_contact_due_at` is until when its owner promises first contact, and
    `seconds_to_first_contact` how long after its capture that was.
    """

    id: UUID
    version: int
    state: LeadState
    given_name: str
    family_name: str
    email: str
    phone: str
    company_name: str
    job_title: str
    industry: str
    company_size: int | None
    country: str
    postal_code: str
    language: str
    description: str
    person_id: UUID | None
    company_id: UUID | None
    owner_id: UUID | None
    source: str
    campaign: str
    landing_page: str
    variant: str
    external_ids: list[ExternalIdIn]
    consents: list[ConsentOut]
    touches: int
    first_touch_at: datetime
    last_touch_at: datetime
    captured_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    erased_at: datetime | None
    score: int
    qualification: Qualification
    decision: DecisionOut | None
    freshness: Freshness
    stale_at: datetime | None
    recycled: int
    claimed_at: datetime | None
    first_contact_due_at: datetime | None
    first_contact_at: datetime | None
    seconds_to_first_contact: int | None


class TouchOut(BaseModel):
    """One time that the lead and we had to do with each other."""

    id: UUID
    kind: TouchKind
    source: str
    campaign: str
    landing_page: str
    variant: str
    web_form_id: UUID | None
    outbound: bool
    at: datetime


def changes_of(body: LeadFields) -> dict[str, Any]:
    """What a body mentions, as fields of the details."""
    own = LeadFields.model_fields.keys() & body.model_fields_set
    return {name: getattr(body, name) for name in own}


def details_in(body: LeadFields) -> LeadDetails:
    """The details that a body gives."""
    return LeadDetails(**changes_of(body))


def encounter_in(body: LeadIn | KnownLeadIn | TouchIn, now: datetime) -> Encounter:
    """The touch that a body tells of; what was said in it was said then."""
    is_touch = isinstance(body, TouchIn)
    at = body.at if isinstance(body, TouchIn) else body.captured_at
    return Encounter(
        kind=body.kind if isinstance(body, TouchIn) else body.touch,
        origin=Origin(**{name: getattr(body, name) for name in ORIGIN}),
        at=at,
        outbound=isinstance(body, TouchIn) and body.outbound,
        consents=tuple(
            ConsentSaying(
                one.purpose,
                one.channel,
                one.granted,
                one.wording,
                source="touch" if is_touch else "capture",
                said_at=at or now,
            )
            for one in body.consents
        ),
    )


def external_ids_in(body: LeadIn) -> tuple[ExternalId, ...]:
    """What other systems call the lead."""
    return tuple(ExternalId(one.system, one.id) for one in body.external_ids)


_OWN = (
    "id",
    "version",
    "state",
    "touches",
    "first_touch_at",
    "last_touch_at",
    "captured_at",
    "updated_at",
    "archived_at",
    "erased_at",
    "score",
    "qualification",
    "freshness",
    "stale_at",
    "recycled",
    "claimed_at",
    "first_contact_due_at",
    "first_contact_at",
    "seconds_to_first_contact",
)


def shown(lead: Lead) -> dict[str, Any]:
    """A lead as the API shows one, without reading it back."""
    said, decided = ConsentOut.model_fields, DecisionOut.model_fields
    return {
        **{name: getattr(lead, name) for name in _OWN},
        **{name: getattr(lead.details, name) for name in DETAILS},
        **{name: getattr(lead.origin, name) for name in ORIGIN},
        "external_ids": [{"system": one.system, "id": one.id} for one in lead.external_ids],
        "consents": [{name: getattr(one, name) for name in said} for one in lead.consents],
        "decision": lead.decision and {name: getattr(lead.decision, name) for name in decided},
    }
