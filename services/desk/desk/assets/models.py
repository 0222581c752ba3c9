"""Things that customers own, as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from desk.asset_models.models import ModelName, Sku
from desk.assets.domain import (
    LONGEST_SERIAL,
    MOST_PIECES,
    Asset,
    AssetDetails,
    AssetSource,
    AssetStatus,
)
from desk.names import Name

Serial = Annotated[str, Field(max_length=LONGEST_SERIAL)]
Pieces = Annotated[int, Field(ge=1, le=MOST_PIECES)]
Notes = Annotated[str, Field(max_length=10_000)]


class AssetIn(Body):
    """Something that a customer owns. Without `name`, that of the product's model counts."""

    product_sku: Sku
    name: Annotated[str, Field(max_length=200)] = ""
    model: ModelName = ""
    serial_number: Serial = ""
    quantity: Pieces = 1
    person_id: UUID | None = None
    company_id: UUID | None = None
    bought_on: date | None = None
    warranty_until: date | None = None
    notes: Notes = ""


class AssetPatch(Patch):
    """What is known of a thing from now on."""

    name: Name = ""
    model: ModelName = ""
    serial_number: Serial = ""
    quantity: Pieces = 1
    bought_on: date | None = None
    warranty_until: date | None = None
    notes: Notes = ""


class AssetTransferIn(Body):
    """Whose a thing is from now on."""

    person_id: UUID | None = None
    company_id: UUID | None = None


class AssetReplacementIn(Body):
    """The piece that a customer gets in place of a thing."""

    serial_number: Serial = ""


class AssetOut(BaseModel):
    """Something that a customer owns; `under_warranty` is by the day on the tenant's clock."""

    id: UUID
    version: int
    product_sku: str
    name: str
    model: str
    serial_number: str
    quantity: int
    person_id: UUID | None
    company_id: UUID | None
    status: AssetStatus
    source: AssetSource
    bought_on: date | None
    warranty_until: date | None
    under_warranty: bool
    order_id: UUID | None
    order_number: str
    notes: str
    replaced_by_id: UUID | None
    created_at: datetime
    updated_at: datetime


class AssetEntryOut(BaseModel):
    """Something that happened to a thing, and which of its fields differ since."""

    id: UUID
    version: int
    what: str
    fields: list[str]
    actor: str
    at: datetime


def details_in(body: AssetIn, name: str) -> AssetDetails:
    """What a body says of a thing that is called `name`."""
    return AssetDetails(
        product_sku=body.product_sku,
        name=name,
        model=body.model,
        serial_number=body.serial_number.strip(),
        quantity=body.quantity,
        bought_on=body.bought_on,
        warranty_until=body.warranty_until,
        notes=body.notes,
    )


def changes_in(body: AssetPatch) -> dict[str, Any]:
    """What a patch mentions."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if "serial_number" in changes:
        changes["serial_number"] = changes["serial_number"].strip()
    return changes


def shown(asset: Asset, today: date) -> dict[str, Any]:
    """A thing as the API shows one."""
    own = ("id", "version", "status", "source", "replaced_by_id", "created_at", "updated_at")
    details = (
        *("product_sku", "name", "model", "serial_number", "quantity"),
        *("bought_on", "warranty_until", "notes"),
    )
    origin = asset.origin
    return {
        **{name: getattr(asset, name) for name in own},
        **{name: getattr(asset.details, name) for name in details},
        "person_id": asset.owner.person_id,
        "company_id": asset.owner.company_id,
        "under_warranty": asset.is_under_warranty(today),
        "order_id": None if origin is None else origin.order_id,
        "order_number": "" if origin is None else origin.order_number,
    }
