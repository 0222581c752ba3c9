"""People as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.batch import BatchIn, BatchItemOut, BatchOut, items_of
from chassis.http.body import Body
from contacts.contact_points.domain import MOST_EXTERNAL_IDS, MOST_TAGS
from contacts.contact_points.models import (
    PARTS,
    AddressIn,
    EmailIn,
    EmailOut,
    ExternalIdIn,
    HandleIn,
    HandleOut,
    Line,
    PhoneIn,
    PhoneOut,
    Short,
    stated,
)
from contacts.people.domain import ImportantDate, LifecycleStage, LifeEvent, Person

IsoDate = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class ImportantDateIn(Body):
    kind: Annotated[str, Field(min_length=1, max_length=50)]
    date: IsoDate
    label: Short = ""


class LifeEventIn(Body):
    kind: Annotated[str, Field(min_length=1, max_length=50)]
    date: Annotated[
        str | None,
        Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="Empty when nobody knows."),
    ] = None
    note: Annotated[str, Field(max_length=2000)] = ""


class PersonIn(Body):
    """What may be entered about a person; a name or a contact point is needed."""

    given_name: Line = ""
    family_name: Line = ""
    full_name: Line = ""
    emails: Annotated[tuple[EmailIn, ...], Field(max_length=50)] = ()
    phones: Annotated[tuple[PhoneIn, ...], Field(max_length=50)] = ()
    handles: Annotated[tuple[HandleIn, ...], Field(max_length=50)] = ()
    postal_addresses: Annotated[tuple[AddressIn, ...], Field(max_length=20)] = ()
    tags: Annotated[tuple[Short, ...], Field(max_length=MOST_TAGS)] = ()
    owner_id: UUID | None = None
    source: Line = ""
    language: Short = ""
    time_zone: Short = ""
    important_dates: Annotated[tuple[ImportantDateIn, ...], Field(max_length=50)] = ()
    life_events: Annotated[tuple[LifeEventIn, ...], Field(max_length=200)] = ()
    lifecycle_stage: LifecycleStage = LifecycleStage.LEAD
    external_ids: Annotated[tuple[ExternalIdIn, ...], Field(max_length=MOST_EXTERNAL_IDS)] = ()
    custom_fields: dict[str, Any] = Field(default_factory=dict)


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
    last_seen_at: Annotated[
        datetime | None,
        Field(description="Of the latest sign of life; it does not change the version."),
    ]


class CandidateOut(BaseModel):
    """Somebody who may be the same person."""

    person_id: UUID
    full_name: str
    matched_on: Annotated[
        list[str],
        Field(
            description="`email`, `phone`, `external_id`: the same exactly; of those who are only"
            " likely, also the fields of names, `birth_date`, `street`, `area` that nearly agree."
        ),
    ]
    probability: Annotated[
        float | None,
        Field(
            description="How likely they are one person, 0 to 1, by all that is known of both;"
            " absent or null where it is not worked out: in batches."
        ),
    ] = None


class CreatedPersonOut(PersonOut):
    """A new person, with a warning when others match, or are likely to be the same."""

    duplicates: list[CandidateOut]


class PeopleBatchIn(BatchIn):
    """Up to 1,000 people."""

    items: Annotated[tuple[Any, ...], items_of(PersonIn)]


class PersonResultOut(BatchItemOut):
    duplicates: list[CandidateOut] | None = None


class PeopleBatchOut(BatchOut):
    items: list[PersonResultOut]  # type: ignore[assignment]  # each says more than the general one


class PersonRefIn(Body):
    """Which person."""

    id: UUID


class PeopleUpdateIn(BatchIn):
    """The same change to up to 1,000 people; what is not mentioned stays as it is."""

    items: Annotated[tuple[Any, ...], items_of(PersonRefIn)]
    add_tags: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    remove_tags: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    owner_id: UUID | None = None
    lifecycle_stage: LifecycleStage = LifecycleStage.LEAD


class PeopleArchiveIn(BatchIn):
    """Up to 1,000 people to be put away."""

    items: Annotated[tuple[Any, ...], items_of(PersonRefIn)]


_PARTS = {**PARTS, "important_dates": ImportantDate, "life_events": LifeEvent}


def changes_of(body: PersonIn) -> dict[str, Any]:
    """What the body says, as fields of `PersonDetails`; what it does not mention is left out."""
    return stated(body, _PARTS)


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
        "last_seen_at": person.last_seen_at,
    }
