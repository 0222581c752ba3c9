"""Service contracts as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.query_string import Query
from desk.asset_models.models import Sku
from desk.entitlements.documents import coverage_out
from desk.entitlements.domain import (
    FIRST_DAY,
    LAST_DAY,
    MOST_ALLOWANCE,
    MOST_NOTICE_DAYS,
    Allowance,
    AllowanceKind,
    Coverage,
    Entitlement,
    EntitlementStatus,
    EntitlementTerms,
    Period,
)
from desk.names import Name

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
NoticeDays = Annotated[int, Field(ge=0, le=MOST_NOTICE_DAYS)]


class CoverageIn(Body):
    """What a contract is for: pieces of products, or single things; everything when neither is named."""

    product_skus: Annotated[tuple[Sku, ...], Field(max_length=200)] = ()
    asset_ids: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()


class AllowanceIn(Body):
    """How much of what may be used in a period; `amount` counts tickets, or minutes of work."""

    kind: AllowanceKind = AllowanceKind.UNLIMITED
    amount: Annotated[int, Field(ge=0, le=MOST_ALLOWANCE)] = 0
    period: Period = Period.TERM


class EntitlementIn(Body):
    """A service contract of a person, a company, or both."""

    name: Name
    person_id: UUID | None = None
    company_id: UUID | None = None
    starts_on: Day
    ends_on: Day
    coverage: CoverageIn = CoverageIn()
    allowance: AllowanceIn = AllowanceIn()
    notice_days: NoticeDays = 30


class EntitlementPatch(Patch):
    """What a contract gives from now on."""

    name: Name = ""
    starts_on: Day = FIRST_DAY
    ends_on: Day = FIRST_DAY
    coverage: CoverageIn = CoverageIn()
    allowance: AllowanceIn = AllowanceIn()
    notice_days: NoticeDays = 0


class EntitlementReopeningIn(Body):
    """Until when a contract serves that has ended too early; until the day of before without."""

    ends_on: Day | None = None


class EntitlementUseIn(Body):
    """What a ticket uses; `minutes` of a contract that counts them, and nothing of others."""

    minutes: Annotated[int | None, Field(ge=1, le=MOST_ALLOWANCE)] = None


class CoverageOut(BaseModel):
    """What a contract is for."""

    product_skus: list[str]
    asset_ids: list[UUID]


class AllowanceOut(BaseModel):
    """How much of what may be used in a period."""

    kind: AllowanceKind
    amount: int
    period: Period


class EntitlementOut(BaseModel):
    """A service contract; `remaining` is what is left today, null without an end of it."""

    id: UUID
    version: int
    name: str
    person_id: UUID | None
    company_id: UUID | None
    starts_on: date
    ends_on: date
    coverage: CoverageOut
    allowance: AllowanceOut
    used: int
    remaining: int | None
    notice_days: int
    service_sku: str
    subscription_id: UUID | None
    status: EntitlementStatus
    created_at: datetime
    updated_at: datetime


class EntitlementUseOut(BaseModel):
    """What a ticket uses of a contract."""

    ticket_id: UUID
    amount: int
    period_starts_on: date
    used_at: datetime
    used_by: str


class EntitlementCheckQuery(Query):
    """Whose concern it is, about what, and when; now unless said otherwise."""

    person_id: UUID | None = None
    company_id: UUID | None = None
    asset_id: UUID | None = None
    product_sku: Annotated[str, Field(max_length=100)] = ""
    at: AwareDatetime | None = None


class EntitledByOut(BaseModel):
    """A contract that covers a concern."""

    id: UUID
    name: str
    ends_on: date
    allowance: AllowanceOut
    remaining: int | None


class EntitlementCheckOut(BaseModel):
    """Whether somebody is entitled to help: by a warranty, or by a contract of which anything is left."""

    entitled: bool
    day: date
    asset_id: UUID | None
    under_warranty: bool
    warranty_until: date | None
    entitlements: list[EntitledByOut]


def terms_in(body: EntitlementIn) -> EntitlementTerms:
    """What a body describes."""
    return EntitlementTerms(
        name=body.name,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        coverage=coverage_of(body.coverage),
        allowance=allowance_of(body.allowance),
        notice_days=body.notice_days,
    )


def changed_by(body: EntitlementPatch, terms: EntitlementTerms) -> EntitlementTerms:
    """The terms with what a patch mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "coverage" in changes:
        changes["coverage"] = coverage_of(body.coverage)
    if "allowance" in changes:
        changes["allowance"] = allowance_of(body.allowance)
    return replace(terms, **changes)


def coverage_of(body: CoverageIn) -> Coverage:
    """What a body says a contract is for."""
    return Coverage(tuple(sorted(set(body.product_skus))), tuple(sorted(set(body.asset_ids))))


def allowance_of(body: AllowanceIn) -> Allowance:
    """What a body says may be used."""
    amount = 0 if body.kind is AllowanceKind.UNLIMITED else body.amount
    return Allowance(body.kind, amount, body.period)


def shown(entitlement: Entitlement, used: int) -> dict[str, Any]:
    """A contract as the API shows one, of which so much is used in this period."""
    terms = entitlement.terms
    own = (
        *("id", "version", "service_sku", "subscription_id", "status"),
        *("created_at", "updated_at"),
    )
    return {
        **{name: getattr(entitlement, name) for name in own},
        **{name: getattr(terms, name) for name in ("name", "starts_on", "ends_on")},
        "person_id": entitlement.owner.person_id,
        "company_id": entitlement.owner.company_id,
        "coverage": coverage_out(terms.coverage),
        "allowance": allowance_out(terms.allowance),
        "used": used,
        "remaining": entitlement.remaining(used),
        "notice_days": terms.notice_days,
    }


def allowance_out(allowance: Allowance) -> dict[str, Any]:
    """An allowance as the API shows one."""
    return {
        "kind": allowance.kind,
        "amount": allowance.amount,
        "period": allowance.period,
    }
