"""Service products as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from desk.asset_models.models import Sku
from desk.entitlements.models import (
    AllowanceIn,
    AllowanceOut,
    NoticeDays,
    allowance_of,
    allowance_out,
)
from desk.names import Name
from desk.service_products.domain import ServiceProduct, ServiceTerms

Covers = Annotated[tuple[Sku, ...], Field(max_length=200)]


class ServiceProductIn(Body):
    """A product that is a service contract; it covers everything when no product is named."""

    sku: Sku
    name: Name
    covers: Covers = ()
    allowance: AllowanceIn = AllowanceIn()
    notice_days: NoticeDays = 30


class ServiceProductPatch(Patch):
    """What contracts to come give."""

    name: Name = ""
    covers: Covers = ()
    allowance: AllowanceIn = AllowanceIn()
    notice_days: NoticeDays = 0


class ServiceProductOut(BaseModel):
    """A product that is a service contract."""

    id: UUID
    version: int
    sku: str
    name: str
    covers: list[str]
    allowance: AllowanceOut
    notice_days: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def terms_in(body: ServiceProductIn) -> ServiceTerms:
    """What a body describes."""
    covers = tuple(sorted(set(body.covers)))
    return ServiceTerms(body.name, covers, allowance_of(body.allowance), body.notice_days)


def changed_by(body: ServiceProductPatch, terms: ServiceTerms) -> ServiceTerms:
    """The terms with what a patch mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "allowance" in changes:
        changes["allowance"] = allowance_of(body.allowance)
    if "covers" in changes:
        changes["covers"] = tuple(sorted(set(body.covers)))
    return replace(terms, **changes)


def shown(product: ServiceProduct) -> dict[str, Any]:
    """A service product as the API shows one."""
    own = ("id", "version", "sku", "created_at", "updated_at", "archived_at")
    terms = product.terms
    return {
        **{name: getattr(product, name) for name in own},
        "name": terms.name,
        "covers": list(terms.covers),
        "allowance": allowance_out(terms.allowance),
        "notice_days": terms.notice_days,
    }
