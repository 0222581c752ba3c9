"""What customers say is theirs: registered by themselves, taken at once or looked at first (DE-8).

Whoever registers what is somebody else's by now is told nothing of that: it waits, as others do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from desk.assets.domain import serial_key

EARLIEST = date(1950, 1, 1)
MOST_A_DAY = 20
"""So many a person registers within a day."""


class RegistrationStatus(StrEnum):
    """What was decided about a registration."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class WaitingCause(StrEnum):
    """Why somebody has to look at it; `NONE` when nobody has to."""

    NONE = ""
    REVIEW = "review"
    PROOF_MISSING = "proof_missing"
    SERIAL_TAKEN = "serial_taken"


class RegistrationChannel(StrEnum):
    """By what it came in."""

    PAGE = "page"
    API = "api"


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says: which piece it is, and since when or by which order they have it."""

    product_sku: str
    serial_number: str
    bought_on: date | None = None
    order_number: str = ""

    @property
    def serial_key(self) -> str:
        """What the serial number is compared by."""
        return serial_key(self.serial_number)

    @property
    def is_proved(self) -> bool:
        """Whether anything is said that a receipt would say."""
        return bool(self.order_number) or self.bought_on is not None

    def require_possible(self, today: date) -> None:
        """Raises `Invalid` without a serial number, and for a day that cannot be."""
        if not self.serial_key:
            message = "A serial number has letters or digits."
            raise Invalid.at("/serial_number", "serial_invalid", message)
        if self.bought_on is not None and not EARLIEST <= self.bought_on <= today:
            message = "Nobody can have bought it on this day."
            raise Invalid.at("/bought_on", "day_impossible", message)


@dataclass(frozen=True, slots=True)
class AssetRegistrationReceived(Fact):
    """A customer says that something is theirs."""

    registration: AssetRegistration


@dataclass(frozen=True, slots=True)
class AssetRegistrationAccepted(Fact):
    """It is theirs."""

    registration: AssetRegistration


@dataclass(frozen=True, slots=True)
class AssetRegistrationRejected(Fact):
    """It is not taken to be theirs."""

    registration: AssetRegistration


@dataclass(kw_only=True)
class AssetRegistration(Aggregate):
    """What a customer says is theirs, and what was decided."""

    claim: Claim
    person_id: UUID | None
    channel: RegistrationChannel
    received_at: datetime
    status: RegistrationStatus = RegistrationStatus.WAITING
    cause: WaitingCause = WaitingCause.NONE
    asset_id: UUID | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    decision_reason: str = ""

    def receive(self, cause: WaitingCause) -> None:
        """Be known of; without a cause nobody has to look at it."""
        self.cause = cause
        self.record(AssetRegistrationReceived(self))

    def accept(self, asset_id: UUID, by: str, now: datetime) -> None:
        """Be true. Raises `Conflict` when it was decided."""
        self._decide(RegistrationStatus.ACCEPTED, by, now)
        self.asset_id = asset_id
        self.record(AssetRegistrationAccepted(self))

    def reject(self, reason: str, by: str, now: datetime) -> None:
        """Not be taken to be true. Raises `Conflict` when it was decided."""
        self._decide(RegistrationStatus.REJECTED, by, now)
        self.decision_reason = reason
        self.record(AssetRegistrationRejected(self))

    def _decide(self, status: RegistrationStatus, by: str, now: datetime) -> None:
        if self.status is not RegistrationStatus.WAITING:
            message = f"The registration is {self.status}."
            raise Conflict(message, code="asset_registration_decided")
        self.status, self.decided_by, self.decided_at = status, by, now
