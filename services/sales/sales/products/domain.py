"""What is sold: products, and bundles of them from which a customer chooses (SA-9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sales.subscription_terms.domain as subscription_terms
from chassis.domain import Aggregate, Conflict, Fact, Invalid
from sales.bundles.domain import Bundle, require_sound
from sales.subscription_terms.domain import SubscriptionTerms


@dataclass(frozen=True, slots=True)
class ProductDetails:
    """What a product is; with a `bundle` others are chosen along with it.

    With a `subscription` it is sold by the term, at a price for each billing period.
    """

    sku: str
    name: Mapping[str, str]
    category: str = ""
    tax_class: str = "standard"
    unit: str = "piece"
    serial_numbered: bool = False
    bundle: Bundle | None = None
    subscription: SubscriptionTerms | None = None


@dataclass(frozen=True, slots=True)
class ProductDefined(Fact):
    """A product is new or different."""

    product_id: UUID
    details: ProductDetails


@dataclass(frozen=True, slots=True)
class ProductArchived(Fact):
    """A product is not sold any more."""

    product_id: UUID


@dataclass(frozen=True, slots=True)
class ProductRestored(Fact):
    """An archived product is sold again."""

    product_id: UUID


@dataclass(kw_only=True)
class Product(Aggregate):
    """Something that is sold."""

    details: ProductDetails
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Say that it is there. Raises `Invalid` that names everything wrong with it."""
        self._require_sound(self.details)
        self.record(ProductDefined(self.id, self.details))

    def redefine(self, details: ProductDetails, now: datetime) -> None:
        """Have it be something else from now on; nothing happens when nothing differs.

        Raises `Invalid`, `Conflict` for an archived one.
        """
        if self.archived_at is not None:
            raise Conflict("The product is archived; restore it first.", code="product_archived")
        self._require_sound(details)
        if details != self.details:
            self.details, self.updated_at = details, now
            self.record(ProductDefined(self.id, details))

    def archive(self, now: datetime) -> None:
        """Sell it no more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(ProductArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Sell it again; nothing happens to one that is sold."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(ProductRestored(self.id))

    def _require_sound(self, details: ProductDetails) -> None:
        if details.subscription is not None:
            subscription_terms.require_sound(details.subscription, "/subscription")
        if details.bundle is None:
            return
        require_sound(details.bundle)
        for place, option in enumerate(details.bundle.options):
            if option.product_id == self.id:
                at = f"/bundle/options/{place}/product_id"
                raise Invalid.at(at, "option_of_itself", "A product is no option of itself.")
