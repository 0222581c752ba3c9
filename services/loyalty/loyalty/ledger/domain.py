"""What the points ledger is about: accounts, why points move, what was moved, and what others hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Conflict, Fact, Invalid

MOST_POINTS = 10**12
"""No movement is of more points than this; sums of a great many still fit the columns."""


class Account(StrEnum):
    """Where points can be. Each is in exactly one; `issued` holds the counterweight of them all."""

    ISSUED = "issued"
    PENDING = "pending"
    AVAILABLE = "available"
    RESERVED = "reserved"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why points move: of one kind and key, a member's points move once.

    `key` is what those who act call the act for good (a rule's id and a delivery's, say);
    `reference` is what people see of it, such as an order's number.
    """

    kind: str
    key: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new lot is. Without `root_id` its points are new; else they come from that lot.

    Its points count from `counts_from` on and up to, but without, `expires_at`.
    """

    root_id: UUID | None = None
    earning_id: UUID | None = None
    earned_at: datetime | None = None
    counts_from: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a transaction: so many points into an account of a lot, or out of it."""

    account: Account
    points: int
    lot_id: UUID
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """Points that were earned together, by what has become of them.

    `root_id` is the lot that they were earned as: its own id unless they came from another member.
    `available` is below zero while the member owes points of it.
    """

    id: UUID
    root_id: UUID
    earning_id: UUID
    earned_at: datetime
    counts_from: datetime | None
    expires_at: datetime | None
    pending: int = 0
    available: int = 0
    reserved: int = 0
    redeemed: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Balances:
    """A member's points by account. All add up to nothing, since `issued` is the counterweight.

    `next_expiry` is the time at which the next of those available expire, and `expiring` how many.
    """

    issued: int = 0
    pending: int = 0
    available: int = 0
    reserved: int = 0
    redeemed: int = 0
    expired: int = 0
    reversed: int = 0
    next_expiry: datetime | None = None
    expiring: int = 0

    @property
    def earned(self) -> int:
        """How many were ever given and not taken back."""
        return -self.issued - self.reversed


@dataclass(frozen=True, slots=True)
class Posting:
    """What an operation has moved, or had moved before: then it is not new.

    `points` is how many were asked for and dealt with; of these `short` were not there and are the
    program's loss, and `expired` went to expired since their time had come.
    """

    id: UUID
    member_id: UUID
    cause: Cause
    points: int
    at: datetime
    short: int = 0
    expired: int = 0
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Movement:
    """A transaction as facts tell of it, with what the member has after it."""

    posting: Posting
    program_id: UUID
    person_id: UUID | None
    number: int
    pending: int
    available: int
    reserved: int


@dataclass(frozen=True, slots=True)
class PointsEarned(Fact):
    """A member was given points."""

    movement: Movement
    counts_from: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PointsReleased(Fact):
    """Points that were pending count from now on."""

    movement: Movement


@dataclass(frozen=True, slots=True)
class PointsReserved(Fact):
    """Points are held."""

    movement: Movement


@dataclass(frozen=True, slots=True)
class PointsReservationCancelled(Fact):
    """Points that were held are free again."""

    movement: Movement


@dataclass(frozen=True, slots=True)
class PointsRedeemed(Fact):
    """Points were spent."""

    movement: Movement


@dataclass(frozen=True, slots=True)
class PointsRestored(Fact):
    """Points that were spent are free again."""

    movement: Movement


@dataclass(frozen=True, slots=True)
class PointsReversed(Fact):
    """Points that were given were taken back."""

    movement: Movement


@dataclass(frozen=True, slots=True)
class PointsExpired(Fact):
    """Points have expired."""

    movement: Movement


@dataclass(frozen=True, slots=True)
class PointsMoved(Fact):
    """Points went over to another member, or came from one."""

    movement: Movement
    other_member_id: UUID


def require_points(points: int) -> None:
    """Raise `Invalid` for a number of points that cannot be moved."""
    if not 0 < points <= MOST_POINTS:
        message = f"Points are moved by 1 to {MOST_POINTS}."
        raise Invalid.at("/points", "points_impossible", message)


def insufficient(asked: int, available: int) -> Conflict:
    """The refusal of whoever asks for more points than there are."""
    message = f"{asked} points are asked for, and {max(available, 0)} are available."
    return Conflict(message, code="points_insufficient")


def points_in(entries: Sequence[Entry], account: Account) -> int:
    """How many points entries bring into an account, less what they take out of it."""
    return sum(entry.points for entry in entries if entry.account is account)
