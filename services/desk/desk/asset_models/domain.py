"""Models: products of which the desk keeps track of every piece that a customer has (DE-8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chassis.domain import Aggregate, Conflict, Fact

MOST_MONTHS = 1_200


class RegistrationMode(StrEnum):
    """How customers register pieces themselves: not, so that somebody looks at it, or at once."""

    OFF = "off"
    REVIEW = "review"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class ModelTerms:
    """What holds for pieces of a model that come from now on; no warranty with 0 months."""

    name: str
    model: str = ""
    warranty_months: int = 0
    registration: RegistrationMode = RegistrationMode.OFF


@dataclass(frozen=True, slots=True)
class AssetModelDefined(Fact):
    """Pieces of a product are kept track of."""

    model: AssetModel


@dataclass(frozen=True, slots=True)
class AssetModelChanged(Fact):
    """Something about a model is different."""

    model: AssetModel


@dataclass(frozen=True, slots=True)
class AssetModelArchived(Fact):
    """New pieces are kept track of no more."""

    model: AssetModel


@dataclass(kw_only=True)
class AssetModel(Aggregate):
    """A product whose pieces are kept track of, by its article number, for good."""

    product_sku: str
    terms: ModelTerms
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Be kept track of."""
        self.record(AssetModelDefined(self))

    def change(self, terms: ModelTerms, now: datetime) -> None:
        """Have other terms for pieces to come. Raises `Conflict` if archived."""
        if self.archived_at is not None:
            raise Conflict("The model is archived.", code="asset_model_archived")
        if terms != self.terms:
            self.terms, self.updated_at = terms, now
            self.record(AssetModelChanged(self))

    def archive(self, now: datetime) -> None:
        """Be kept track of no more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(AssetModelArchived(self))

    def restore(self, now: datetime) -> None:
        """Be kept track of again; a second time is no error."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(AssetModelChanged(self))
