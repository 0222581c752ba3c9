"""Service products: what whoever subscribes to them is entitled to (DE-8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from desk.entitlements.domain import UNLIMITED, Allowance, AllowanceKind


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """What contracts that come of it give; everything is covered when no product is named."""

    name: str
    covers: tuple[str, ...] = ()
    allowance: Allowance = UNLIMITED
    notice_days: int = 30


@dataclass(frozen=True, slots=True)
class ServiceProductDefined(Fact):
    """Whoever subscribes to it has a contract."""

    product: ServiceProduct


@dataclass(frozen=True, slots=True)
class ServiceProductChanged(Fact):
    """Contracts to come give something else."""

    product: ServiceProduct


@dataclass(frozen=True, slots=True)
class ServiceProductArchived(Fact):
    """Whoever subscribes to it has no contract by that."""

    product: ServiceProduct


@dataclass(frozen=True, slots=True)
class ServiceProductRestored(Fact):
    """Whoever subscribes to it has a contract again."""

    product: ServiceProduct


@dataclass(kw_only=True)
class ServiceProduct(Aggregate):
    """A product that is a service contract, by its article number, for good."""

    sku: str
    terms: ServiceTerms
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Give contracts. Raises `Invalid`."""
        _require_possible(self.terms)
        self.record(ServiceProductDefined(self))

    def change(self, terms: ServiceTerms, now: datetime) -> None:
        """Give something else from now on. Raises `Invalid`, `Conflict` if archived."""
        if self.archived_at is not None:
            raise Conflict("The service product is archived.", code="service_product_archived")
        _require_possible(terms)
        if terms != self.terms:
            self.terms, self.updated_at = terms, now
            self.record(ServiceProductChanged(self))

    def archive(self, now: datetime) -> None:
        """Give no contracts any more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(ServiceProductArchived(self))

    def restore(self, now: datetime) -> None:
        """Give contracts again; nothing happens to one that does."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(ServiceProductRestored(self))


def _require_possible(terms: ServiceTerms) -> None:
    if terms.allowance.kind is not AllowanceKind.UNLIMITED and not terms.allowance.amount:
        message = "An allowance of nothing serves nobody."
        raise Invalid.at("/allowance/amount", "allowance_impossible", message)
