"""Employments and relations as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from contacts.companies.models import CompanySummaryOut
from contacts.relationships.domain import Employment, RelationKind

Title = Annotated[str, Field(max_length=200)]


class EmploymentIn(Body):
    """Where a person works or has worked; `ended_on` is the last day."""

    company_id: UUID
    title: Title = ""
    started_on: date | None = None
    ended_on: date | None = None
    current: bool = True


class EmploymentPatch(Patch):
    """What is to be different; where `current` is not stated, the last day says it."""

    title: Title = ""
    started_on: date | None = None
    ended_on: date | None = None
    current: bool = True


class EmploymentEndIn(Body):
    """The last day; today unless said."""

    ended_on: date | None = None


class PersonSummaryOut(BaseModel):
    """As much of a person as is shown beside something else."""

    id: UUID
    full_name: str
    archived: bool


class EmploymentOut(BaseModel):
    """One person at one company; `company` is null when it is out of the caller's reach."""

    id: UUID
    version: int
    person_id: UUID
    company_id: UUID
    company: CompanySummaryOut | None
    title: str
    started_on: date | None
    ended_on: date | None
    current: bool
    created_at: datetime
    updated_at: datetime


class CompanyPersonOut(BaseModel):
    """Somebody who works, or has worked, at a company."""

    id: UUID
    version: int
    person_id: UUID
    company_id: UUID
    person: PersonSummaryOut
    title: str
    started_on: date | None
    ended_on: date | None
    current: bool
    created_at: datetime
    updated_at: datetime


class RelationIn(Body):
    """`person_id` is `kind` to the person in the path, as in: their assistant is she."""

    person_id: UUID
    kind: RelationKind
    note: Annotated[str, Field(max_length=500)] = ""


class RelationOut(BaseModel):
    """What `person` is to the person in the path."""

    id: UUID
    version: int
    kind: RelationKind
    person: PersonSummaryOut
    note: str
    created_at: datetime
    updated_at: datetime


def shown(employment: Employment, company: Any, today: date) -> dict[str, Any]:
    """An employment as the API shows one, without reading it back."""
    terms = employment.terms
    return {
        "id": employment.id,
        "version": employment.version,
        "person_id": employment.person_id,
        "company_id": employment.company_id,
        "company": company,
        "title": terms.title,
        "started_on": terms.started_on,
        "ended_on": terms.ended_on,
        "current": terms.is_current(today),
        "created_at": employment.created_at,
        "updated_at": employment.updated_at,
    }
