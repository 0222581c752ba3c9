"""Companies as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.batch import BatchIn, BatchItemOut, BatchOut, items_of
from chassis.http.body import Body
from contacts.companies.domain import Company
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


class CompanyIn(Body):
    """What may be entered about a company; a name or a legal name is needed."""

    name: Line = ""
    legal_name: Line = ""
    domain: Line = ""
    industry: Short = ""
    employee_count: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    emails: Annotated[tuple[EmailIn, ...], Field(max_length=50)] = ()
    phones: Annotated[tuple[PhoneIn, ...], Field(max_length=50)] = ()
    handles: Annotated[tuple[HandleIn, ...], Field(max_length=50)] = ()
    postal_addresses: Annotated[tuple[AddressIn, ...], Field(max_length=20)] = ()
    tags: Annotated[tuple[Short, ...], Field(max_length=MOST_TAGS)] = ()
    owner_id: UUID | None = None
    source: Line = ""
    parent_company_id: UUID | None = None
    external_ids: Annotated[tuple[ExternalIdIn, ...], Field(max_length=MOST_EXTERNAL_IDS)] = ()
    custom_fields: dict[str, Any] = Field(default_factory=dict)


class CompanyOut(BaseModel):
    """A company."""

    id: UUID
    version: int
    name: str
    legal_name: str
    domain: str
    industry: str
    employee_count: int | None
    emails: list[EmailOut]
    phones: list[PhoneOut]
    handles: list[HandleOut]
    postal_addresses: list[AddressIn]
    tags: list[str]
    owner_id: UUID | None
    source: str
    parent_company_id: UUID | None
    external_ids: list[ExternalIdIn]
    custom_fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class CompanySummaryOut(BaseModel):
    """As much of a company as is shown beside something else."""

    id: UUID
    name: str
    archived: bool


class ListedCompanyOut(CompanyOut):
    """A company in a list; with `expand=parent` also what it belongs to, if that is in reach."""

    parent: CompanySummaryOut | None = None


class CompanyCandidateOut(BaseModel):
    """A company that may be the same."""

    company_id: UUID
    name: str
    matched_on: list[str]


class CreatedCompanyOut(CompanyOut):
    """A new company, with a warning when others match exactly."""

    duplicates: list[CompanyCandidateOut]


class CompaniesBatchIn(BatchIn):
    """Up to 1,000 companies."""

    items: Annotated[tuple[Any, ...], items_of(CompanyIn)]


class CompanyResultOut(BatchItemOut):
    duplicates: list[CompanyCandidateOut] | None = None


class CompaniesBatchOut(BatchOut):
    items: list[CompanyResultOut]  # type: ignore[assignment]  # each says more than the general one


def changes_of(body: CompanyIn) -> dict[str, Any]:
    """What the body says, as fields of `CompanyDetails`; what it does not mention is left out."""
    return stated(body, PARTS)


def shown(company: Company) -> dict[str, Any]:
    """A company as the API shows one, without reading it back."""
    details = company.details
    return {
        "id": company.id,
        "version": company.version,
        **{field.name: getattr(details, field.name) for field in fields(details)},
        "created_at": company.created_at,
        "updated_at": company.updated_at,
        "archived_at": company.archived_at,
    }
