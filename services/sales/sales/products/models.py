"""Products as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from sales.bundles.documents import bundle_of, document_of
from sales.bundles.domain import MOST_OF_ONE, MOST_OPTIONS, MOST_RULES, Bundle, RuleKind
from sales.names import Key, Label, Short
from sales.products.domain import Product, ProductDetails

Sku = Annotated[str, Field(min_length=1, max_length=100)]
Pieces = Annotated[int, Field(ge=1, le=MOST_OF_ONE)]


class OptionIn(Body):
    """A product that may be chosen along, up to `most` pieces for each of the bundle."""

    key: Key
    product_id: UUID
    most: Pieces = 1


class RuleIn(Body):
    """What has to be true of a choice, and what to tell whoever chooses otherwise.

    `requires` and `excludes`: with `when`, all or none of `options`. `at_least` and `at_most`:
    `count` pieces of `options` together; with `when`, only if that is chosen.
    """

    key: Key
    kind: RuleKind
    options: Annotated[tuple[Key, ...], Field(min_length=1, max_length=MOST_OPTIONS)]
    when: Key | None = None
    count: Annotated[int, Field(ge=0, le=MOST_OF_ONE * MOST_OPTIONS)] | None = None
    message: Label


class BundleIn(Body):
    """What may be chosen with a product, and the rules of the choice."""

    options: Annotated[tuple[OptionIn, ...], Field(min_length=1, max_length=MOST_OPTIONS)]
    rules: Annotated[tuple[RuleIn, ...], Field(max_length=MOST_RULES)] = ()


class ProductIn(Body):
    """A new product. `tax_class` is looked up in the price book that it is sold by."""

    sku: Sku
    name: Label
    category: Short = ""
    tax_class: Key = "standard"
    unit: Key = "piece"
    serial_numbered: bool = False
    bundle: BundleIn | None = None


class ProductPatch(Patch):
    """What may change about a product. `bundle` is replaced as a whole."""

    sku: Sku = ""
    name: Label = Field(default_factory=dict)
    category: Short = ""
    tax_class: Key = ""
    unit: Key = ""
    serial_numbered: bool = False
    bundle: BundleIn | None = None


class ProductOut(BaseModel):
    """A product."""

    id: UUID
    version: int
    sku: str
    name: dict[str, str]
    category: str
    tax_class: str
    unit: str
    serial_numbered: bool
    bundle: BundleIn | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def details_in(body: ProductIn) -> ProductDetails:
    """The product that a body gives."""
    plain = {name: getattr(body, name) for name in ProductIn.model_fields if name != "bundle"}
    return ProductDetails(**plain, bundle=_bundle_in(body.bundle))


def changed(details: ProductDetails, body: ProductPatch) -> ProductDetails:
    """The product with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "bundle" in changes:
        changes["bundle"] = _bundle_in(body.bundle)
    return replace(details, **changes)


def shown(product: Product) -> dict[str, Any]:
    """A product as the API shows one, without reading it back."""
    details = product.details
    times = ("created_at", "updated_at", "archived_at")
    return {
        "id": product.id,
        "version": product.version,
        **{name: getattr(details, name) for name in ProductIn.model_fields},
        "bundle": document_of(details.bundle),
        **{name: getattr(product, name) for name in times},
    }


def _bundle_in(body: BundleIn | None) -> Bundle | None:
    return None if body is None else bundle_of(body.model_dump(mode="json"))
