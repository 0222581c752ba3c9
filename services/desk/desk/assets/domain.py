"""What customers own: pieces of products, with their serial numbers and warranties (DE-8)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid

LONGEST_SERIAL = 100
MOST_PIECES = 1_000_000


class AssetStatus(StrEnum):
    """What has become of a thing."""

    ACTIVE = "active"
    RETURNED = "returned"
    REPLACED = "replaced"
    SCRAPPED = "scrapped"


class AssetSource(StrEnum):
    """How the desk knows of a thing, or of whose it is."""

    ORDER = "order"
    REGISTRATION = "registration"
    MANUAL = "manual"


def serial_key(serial_number: str) -> str:
    """What serial numbers are compared by: letters and digits alone, in capitals, of any width.

    People leave out blanks and hyphens, or write others; empty for what has neither letter nor digit.
    """
    folded = unicodedata.normalize("NFKC", serial_number).upper()
    return "".join(character for character in folded if character.isalnum())


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a thing is: a person's, a company's, or a person's within a company."""

    person_id: UUID | None = None
    company_id: UUID | None = None

    @property
    def is_nobody(self) -> bool:
        """Whether neither is known."""
        return self.person_id is None and self.company_id is None


@dataclass(frozen=True, slots=True)
class OrderOrigin:
    """With which delivery of which line of an order a thing came."""

    order_id: UUID
    order_number: str = ""
    line_id: str = ""
    delivery_id: str = ""


@dataclass(frozen=True, slots=True)
class AssetDetails:
    """What is known of a thing besides whose it is; more than one piece only without a serial number."""

    product_sku: str
    name: str
    model: str = ""
    serial_number: str = ""
    quantity: int = 1
    bought_on: date | None = None
    warranty_until: date | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class AssetAdded(Fact):
    """A customer owns something that was not known of."""

    asset: Asset


@dataclass(frozen=True, slots=True)
class AssetChanged(Fact):
    """Something about a thing is different."""

    asset: Asset
    changed_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssetTransferred(Fact):
    """A thing belongs to somebody else."""

    asset: Asset
    from_owner: Owner
    cause: AssetSource


@dataclass(frozen=True, slots=True)
class AssetReturned(Fact):
    """A customer has given a thing back."""

    asset: Asset


@dataclass(frozen=True, slots=True)
class AssetReactivated(Fact):
    """A thing that was given back is with its customer again."""

    asset: Asset


@dataclass(frozen=True, slots=True)
class AssetReplaced(Fact):
    """A customer has another piece in place of a thing."""

    asset: Asset
    replaced_by_id: UUID


@dataclass(frozen=True, slots=True)
class AssetScrapped(Fact):
    """A thing is no more."""

    asset: Asset


@dataclass(frozen=True, slots=True)
class Noted:
    """An entry of its history: what happened, and which fields differ since; without anybody's words."""

    version: int
    what: str
    fields: tuple[str, ...]
    at: datetime


@dataclass(kw_only=True)
class Asset(Aggregate):
    """A thing that a customer owns.

    `owned_since` is when it went to whoever has it now: what is heard of earlier times changes nothing
    of that. `noted` is what its history is still to be told.
    """

    details: AssetDetails
    owner: Owner
    status: AssetStatus = AssetStatus.ACTIVE
    source: AssetSource = AssetSource.MANUAL
    origin: OrderOrigin | None = None
    replaced_by_id: UUID | None = None
    owned_since: datetime
    created_at: datetime
    updated_at: datetime
    noted: list[Noted] = field(default_factory=list, repr=False, compare=False)

    @property
    def serial_key(self) -> str | None:
        """What it is found by; None without a serial number."""
        return serial_key(self.details.serial_number) or None

    def is_under_warranty(self, today: date) -> bool:
        """Whether the warranty holds on a day, of a thing that the customer has."""
        until = self.details.warranty_until
        return self.status is AssetStatus.ACTIVE and until is not None and today <= until

    def add(self) -> None:
        """Be known of. Raises `Invalid`."""
        _require_owner(self.owner)
        _require_possible(self.details)
        self.record(AssetAdded(self))
        self._note("added", self.created_at)

    def change(self, details: AssetDetails, now: datetime) -> None:
        """Be known of otherwise; whose it is stays. Raises `Invalid`."""
        _require_possible(details)
        changed = tuple(
            name for name in _NAMES if getattr(self.details, name) != getattr(details, name)
        )
        if changed:
            self.details, self.updated_at = details, now
            self.record(AssetChanged(self, changed))
            self._note("changed", now, changed)

    def transfer(
        self, owner: Owner, cause: AssetSource, now: datetime, *, since: datetime | None = None
    ) -> None:
        """Belong to somebody else. Raises `Invalid` without anybody, `Conflict` when it is no more."""
        _require_owner(owner)
        self._require(AssetStatus.ACTIVE, AssetStatus.RETURNED)
        if owner == self.owner and self.status is AssetStatus.ACTIVE:
            return
        before, self.owner = self.owner, owner
        self.status, self.owned_since, self.updated_at = AssetStatus.ACTIVE, since or now, now
        self.record(AssetTransferred(self, before, cause))
        self._note("transferred", now, ("owner",))

    def came_with(self, origin: OrderOrigin, details: AssetDetails, now: datetime) -> None:
        """Have come with an order, which says more of it than was known before."""
        if origin == self.origin and details == self.details:
            return
        self.origin, self.details, self.updated_at = origin, details, now
        self.record(AssetChanged(self, ("bought_on", "order_id", "warranty_until")))
        self._note("ordered", now, ("order_id",))

    def give_back(self, now: datetime) -> None:
        """Be given back; a second time is no error. Raises `Conflict` when it is no more."""
        if self.status is not AssetStatus.RETURNED:
            self._require(AssetStatus.ACTIVE)
            self._turn(AssetStatus.RETURNED, now)
            self.record(AssetReturned(self))

    def reactivate(self, now: datetime) -> None:
        """Be with its customer again; a second time is no error. Raises `Conflict` when it is no more."""
        if self.status is not AssetStatus.ACTIVE:
            self._require(AssetStatus.RETURNED)
            self._turn(AssetStatus.ACTIVE, now)
            self.record(AssetReactivated(self))

    def replace(self, replaced_by_id: UUID, now: datetime) -> None:
        """Have another piece in its place. Raises `Conflict` unless the customer has it."""
        self._require(AssetStatus.ACTIVE)
        self.replaced_by_id = replaced_by_id
        self._turn(AssetStatus.REPLACED, now)
        self.record(AssetReplaced(self, replaced_by_id))

    def scrap(self, now: datetime) -> None:
        """Be no more; a second time is no error. Raises `Conflict` when another is in its place."""
        if self.status is not AssetStatus.SCRAPPED:
            self._require(AssetStatus.ACTIVE, AssetStatus.RETURNED)
            self._turn(AssetStatus.SCRAPPED, now)
            self.record(AssetScrapped(self))

    def _turn(self, status: AssetStatus, now: datetime) -> None:
        self.status, self.updated_at = status, now
        self._note(status.value, now, ("status",))

    def _note(self, what: str, at: datetime, fields: Sequence[str] = ()) -> None:
        self.noted.append(Noted(self.version, what, tuple(fields), at))

    def _require(self, *statuses: AssetStatus) -> None:
        if self.status not in statuses:
            raise Conflict(f"The thing is {self.status}.", code="asset_not_in_state")


_NAMES = (
    "bought_on",
    "model",
    "name",
    "notes",
    "product_sku",
    "quantity",
    "serial_number",
    "warranty_until",
)


def _require_owner(owner: Owner) -> None:
    if owner.is_nobody:
        message = "It is a person's or a company's."
        raise Invalid.at("/person_id", "owner_missing", message)


def _require_possible(details: AssetDetails) -> None:
    if details.serial_number and not serial_key(details.serial_number):
        message = "A serial number has letters or digits."
        raise Invalid.at("/serial_number", "serial_invalid", message)
    if details.serial_number and details.quantity != 1:
        message = "A piece with a serial number is one piece."
        raise Invalid.at("/quantity", "quantity_impossible", message)
    bought, until = details.bought_on, details.warranty_until
    if bought is not None and until is not None and until < bought:
        message = "The warranty ends before the thing was bought."
        raise Invalid.at("/warranty_until", "warranty_impossible", message)


def changed_details(details: AssetDetails, changes: dict[str, Any]) -> AssetDetails:
    """The details with some changed; a serial number is kept as it was written, without its margins."""
    known = {name: getattr(details, name) for name in _NAMES}
    return AssetDetails(**{**known, **changes})
