"""People over REST."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.people import operations, queries
from contacts.people.domain import (
    Address,
    ContactPointStatus,
    EmailPoint,
    ExternalId,
    Handle,
    ImportantDate,
    LifecycleStage,
    LifeEvent,
    Person,
    PersonDetails,
    PhonePoint,
)
from contacts.transaction import ContactsTx

READ = "contacts.people.read"
WRITE = "contacts.people.write"
DELETE = "contacts.people.delete"
REPORT = "contacts.quality.read"

people = Routes("/v1/contacts/people", tag="people")

Short = Annotated[str, Field(max_length=100)]
Line = Annotated[str, Field(max_length=500)]
IsoDate = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class EmailIn(Body):
    address: Annotated[str, Field(min_length=3, max_length=320)]
    label: Short = ""
    primary: bool = False


class PhoneIn(Body):
    number: Annotated[str, Field(min_length=3, max_length=60)]
    label: Short = ""
    primary: bool = False


class HandleIn(Body):
    network: Annotated[str, Field(min_length=1, max_length=50)]
    handle: Annotated[str, Field(min_length=1, max_length=200)]
    label: Short = ""


class AddressIn(Body):
    lines: Annotated[tuple[Line, ...], Field(max_length=6)] = ()
    city: Short = ""
    region: Short = ""
    postal_code: Annotated[str, Field(max_length=20)] = ""
    country: Short = ""
    label: Short = ""
    primary: bool = False


class ImportantDateIn(Body):
    kind: Annotated[str, Field(min_length=1, max_length=50)]
    date: IsoDate
    label: Short = ""


class LifeEventIn(Body):
    kind: Annotated[str, Field(min_length=1, max_length=50)]
    date: IsoDate | None = None
    note: Annotated[str, Field(max_length=2000)] = ""


class ExternalIdIn(Body):
    system: Annotated[str, Field(min_length=1, max_length=50)]
    id: Annotated[str, Field(min_length=1, max_length=200)]


class PersonIn(Body):
    """What may be entered about a person; a name or a contact point is needed."""

    given_name: Line = ""
    family_name: Line = ""
    full_name: Line = ""
    emails: Annotated[tuple[EmailIn, ...], Field(max_length=50)] = ()
    phones: Annotated[tuple[PhoneIn, ...], Field(max_length=50)] = ()
    handles: Annotated[tuple[HandleIn, ...], Field(max_length=50)] = ()
    postal_addresses: Annotated[tuple[AddressIn, ...], Field(max_length=20)] = ()
    tags: Annotated[tuple[Short, ...], Field(max_length=100)] = ()
    owner_id: UUID | None = None
    source: Line = ""
    language: Short = ""
    time_zone: Short = ""
    important_dates: Annotated[tuple[ImportantDateIn, ...], Field(max_length=50)] = ()
    life_events: Annotated[tuple[LifeEventIn, ...], Field(max_length=200)] = ()
    lifecycle_stage: LifecycleStage = LifecycleStage.LEAD
    external_ids: Annotated[tuple[ExternalIdIn, ...], Field(max_length=20)] = ()
    custom_fields: dict[str, Any] = Field(default_factory=dict)


class EmailOut(EmailIn):
    status: ContactPointStatus


class PhoneOut(PhoneIn):
    status: ContactPointStatus


class HandleOut(HandleIn):
    status: ContactPointStatus


class QualityReasonOut(BaseModel):
    part: str
    code: str
    points_lost: int
    message: str
    pointer: str


class QualityOut(BaseModel):
    """How good the record is, 0 to 100 in four parts, and why not better."""

    total: int
    completeness: int
    reachability: int
    validity: int
    plausibility: int
    reasons: list[QualityReasonOut]


class QualityBandOut(BaseModel):
    """How many people have a score from `from_score` up to the next band."""

    from_score: int
    people: int


class QualityFindingOut(BaseModel):
    code: str
    people: int


class QualityReportOut(BaseModel):
    """How good the tenant's people are."""

    people: int
    average_score: int
    bands: list[QualityBandOut]
    findings: list[QualityFindingOut]


class PersonOut(BaseModel):
    """A person."""

    id: UUID
    version: int
    given_name: str
    family_name: str
    full_name: str
    emails: list[EmailOut]
    phones: list[PhoneOut]
    handles: list[HandleOut]
    postal_addresses: list[AddressIn]
    tags: list[str]
    owner_id: UUID | None
    source: str
    language: str
    time_zone: str
    important_dates: list[ImportantDateIn]
    life_events: list[LifeEventIn]
    lifecycle_stage: LifecycleStage
    external_ids: list[ExternalIdIn]
    custom_fields: dict[str, Any]
    quality_score: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class CandidateOut(BaseModel):
    """Somebody who may be the same person."""

    person_id: UUID
    full_name: str
    matched_on: list[str]


class CreatedPersonOut(PersonOut):
    """A new person, with a warning when others match exactly."""

    duplicates: list[CandidateOut]


class CreateQuery(Query):
    refuse_duplicates: bool = False


_PARTS: dict[str, Any] = {
    "emails": EmailPoint,
    "phones": PhonePoint,
    "handles": Handle,
    "postal_addresses": Address,
    "important_dates": ImportantDate,
    "life_events": LifeEvent,
    "external_ids": ExternalId,
}


def changes_of(body: PersonIn) -> dict[str, Any]:
    """What the body says, as fields of `PersonDetails`; what it does not mention is left out."""
    changes: dict[str, Any] = {}
    for name in body.model_fields_set:
        value = getattr(body, name)
        part = _PARTS.get(name)
        if part is None:
            changes[name] = value
        else:
            changes[name] = tuple(part(**_stated(item)) for item in value)
    return changes


def _stated(item: Body) -> dict[str, Any]:
    return {k: v for k in item.model_fields_set if (v := getattr(item, k)) is not None}


@people.get("", permission=READ, listing=queries.PEOPLE, returns=PersonOut)
def list_people(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List people, newest first unless asked otherwise."""
    return Reply(call.read(queries.list_people, listing))


@people.post(
    "", permission=WRITE, body=PersonIn, query=CreateQuery, returns=CreatedPersonOut, status=201
)
def create_person(call: Call[ContactsTx], query: CreateQuery, body: PersonIn) -> Response:
    """Enter a person.

    Whoever shares an e-mail, a phone or an external id is named in `duplicates`; with
    `refuse_duplicates=true` the request is refused instead.
    """
    details = PersonDetails(**changes_of(body))

    def reply(tx: ContactsTx, created: operations.Created) -> Reply:
        del tx  # what was written is known: nothing need be read back
        person = {**shown(created.person), "duplicates": created.duplicates}
        return Reply.created(
            f"/v1/contacts/people/{created.person.id}", person, created.person.version
        )

    return call.run(
        lambda tx: operations.create_person(tx, details, refuse_duplicates=query.refuse_duplicates),
        reply,
    )


@people.get("/<uuid:person_id>", permission=READ, returns=PersonOut)
def get_person(call: Call[ContactsTx], person_id: UUID) -> Reply:
    """Get a person."""
    person = call.read(queries.get_person, person_id)
    return Reply(person, version=person["version"])


@people.get("/<uuid:person_id>/quality", permission=READ, returns=QualityOut)
def get_person_quality(call: Call[ContactsTx], person_id: UUID) -> Reply:
    """Get how good a person's record is, with the reason for each point that is missing."""
    return Reply(call.read(queries.get_quality, person_id))


@people.get("/quality-report", permission=REPORT, returns=QualityReportOut)
def get_quality_report(call: Call[ContactsTx]) -> Reply:
    """Get how good all the tenant's people are, and what is wrong most often."""
    return Reply(call.read(queries.quality_report))


@people.patch("/<uuid:person_id>", permission=WRITE, body=PersonIn, returns=PersonOut)
def change_person(call: Call[ContactsTx], body: PersonIn, person_id: UUID) -> Response:
    """Change what is mentioned of a person; lists are replaced as a whole."""
    changes = changes_of(body)
    return call.run(
        lambda tx: operations.change_person(
            tx, person_id, lambda details: replace(details, **changes)
        ),
        _shown,
    )


@people.delete("/<uuid:person_id>", permission=DELETE)
def archive_person(call: Call[ContactsTx], person_id: UUID) -> Response:
    """Archive a person."""
    return call.run(
        lambda tx: operations.archive_person(tx, person_id), lambda _tx, _person: Reply.nothing()
    )


@people.post("/<uuid:person_id>/restore", permission=DELETE, returns=PersonOut)
def restore_person(call: Call[ContactsTx], person_id: UUID) -> Response:
    """Restore an archived person."""
    return call.run(lambda tx: operations.restore_person(tx, person_id), _shown)


def shown(person: Person) -> dict[str, Any]:
    """A person as the API shows one, without reading it back."""
    details = person.details
    return {
        "id": person.id,
        "version": person.version,
        **{field.name: getattr(details, field.name) for field in fields(details)},
        "quality_score": person.quality.score,
        "created_at": person.created_at,
        "updated_at": person.updated_at,
        "archived_at": person.archived_at,
    }


def _shown(_tx: ContactsTx, person: Person) -> Reply:
    return Reply(shown(person), version=person.version)
