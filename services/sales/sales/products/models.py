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
from sales.subscription_terms.documents import terms_document
from sales.subscription_terms.domain import LONGEST_NOTICE, LONGEST_TERM, SubscriptionTerms

_NESTED = ("bundle", "subscription")
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


class SubscriptionTermsIn(Body):
    """For how long it is subscribed to, and how: its price is for `billing_months`.

    `notice_days` before the last day are the latest to cancel a term that would renew by itself.
    """

    term_months: Annotated[int, Field(ge=1, le=LONGEST_TERM)]
    billing_months: Annotated[int, Field(ge=1, le=LONGEST_TERM)] = 1
    notice_days: Annotated[int, Field(ge=0, le=LONGEST_NOTICE)] = 0
    auto_renew: bool = True


class ProductIn(Body):
    """A new product. `tax_class` is looked up in the price book that it is sold by.

    Of a product with `subscription`, one begins when all of an order was delivered.
    """

    sku: Sku
    name: Label
    category: Short = ""
    tax_class: Key = "standard"
    unit: Key = "piece"
    serial_numbered: bool = False
    bundle: BundleIn | None = None
    subscription: SubscriptionTermsIn | None = None


class ProductPatch(Patch):
    """What may change about a product. `bundle` and `subscription` are replaced as a whole."""

    sku: Sku = ""
    name: Label = Field(default_factory=dict)
    category: Short = ""
    tax_class: Key = ""
    unit: Key = ""
    serial_numbered: bool = False
    bundle: BundleIn | None = None
    subscription: SubscriptionTermsIn | None = None


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
    subscription: SubscriptionTermsIn | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def details_in(body: ProductIn) -> ProductDetails:
    """The product that a body gives."""
    plain = {name: getattr(body, name) for name in ProductIn.model_fields if name not in _NESTED}
    return ProductDetails(
        **plain, bundle=_bundle_in(body.bundle), subscription=_subscription_in(body.subscription)
    )


def changed(details: ProductDetails, body: ProductPatch) -> ProductDetails:
    """The product with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "bundle" in changes:
        changes["bundle"] = _bundle_in(body.bundle)
    if "subscription" in changes:
        changes["subscription"] = _subscription_in(body.subscription)
    return replace(details, **changes)


def shown(product: Product) -> dict[str, Any]:
    """A product as the API shows one, without reading it back."""
    details = product.details
    times = ("created_at", "updated_at", "archived_at")
    return {
        "id": product.id,
        "version": product.version,
        **{name: getattr(details, name) for name in ProductIn.model_fields if name not in _NESTED},
        "bundle": document_of(details.bundle),
        "subscription": terms_document(details.subscription),
        **{name: getattr(product, name) for name in times},
    }


def _bundle_in(body: BundleIn | None) -> Bundle | None:
    return None if body is None else bundle_of(body.model_dump(mode="json"))


def _subscription_in(body: SubscriptionTermsIn | None) -> SubscriptionTerms | None:
    return None if body is None else SubscriptionTerms(**body.model_dump())
