"""Models as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from desk.asset_models.domain import MOST_MONTHS, AssetModel, ModelTerms, RegistrationMode
from desk.names import Name

Sku = Annotated[str, Field(min_length=1, max_length=100)]
ModelName = Annotated[str, Field(max_length=200)]
Months = Annotated[int, Field(ge=0, le=MOST_MONTHS)]


class AssetModelIn(Body):
    """A product whose pieces are kept track of.

    `registration` says how customers register pieces themselves: `off`, `review` when somebody looks
    at each, or `automatic`.
    """

    product_sku: Sku
    name: Name
    model: ModelName = ""
    warranty_months: Months = 0
    registration: RegistrationMode = RegistrationMode.OFF


class AssetModelPatch(Patch):
    """What holds for pieces to come."""

    name: Name = ""
    model: ModelName = ""
    warranty_months: Months = 0
    registration: RegistrationMode = RegistrationMode.OFF


class AssetModelOut(BaseModel):
    """A product whose pieces are kept track of."""

    id: UUID
    version: int
    product_sku: str
    name: str
    model: str
    warranty_months: int
    registration: RegistrationMode
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def terms_in(body: AssetModelIn) -> ModelTerms:
    """What a body describes."""
    return ModelTerms(body.name, body.model, body.warranty_months, body.registration)


def changed_by(body: AssetModelPatch, terms: ModelTerms) -> ModelTerms:
    """The terms with what a patch mentions."""
    return replace(terms, **{name: getattr(body, name) for name in body.model_fields_set})


def shown(model: AssetModel) -> dict[str, Any]:
    """A model as the API shows one."""
    own = ("id", "version", "product_sku", "created_at", "updated_at", "archived_at")
    terms = ("name", "model", "warranty_months", "registration")
    return {
        **{name: getattr(model, name) for name in own},
        **{name: getattr(model.terms, name) for name in terms},
    }
