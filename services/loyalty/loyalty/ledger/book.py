"""A member's ledger as an operation finds it, locked: what there is, and what it is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from chassis.domain import Conflict
from loyalty.ledger.domain import Account, Entry, Lot, points_in
from loyalty.members.domain import MemberStatus
from loyalty.programs.domain import Policies, ProgramStatus, may_redeem
from loyalty.programs.storage import policies_of


@dataclass(frozen=True, slots=True)
class Earlier:
    """The transaction that another is about: an earning that is reversed, a reservation that ends.

    `moved` is what its entries brought into accounts of lots, and `after` what all transactions
    about it so far have; lots by the id of those that they were earned as. `undone` sums the points
    that those transactions were about.
    """

    id: UUID
    member_id: UUID
    points: int
    moved: Sequence[tuple[Account, UUID, int]]
    after: Sequence[tuple[Account, UUID, int]]
    undone: int
    closed: bool

    @property
    def roots(self) -> set[UUID]:
        """The lots that it began; of an earning there is one."""
        return {root_id for to, root_id, _ in self.moved if to is Account.ISSUED}

    def left(self, account: Account) -> dict[UUID, int]:
        """How many of the points that it brought into an account are still there, by lot."""
        sums: dict[UUID, int] = {}
        for to, root_id, points in (*self.moved, *self.after):
            if to is account:
                sums[root_id] = sums.get(root_id, 0) + points
        return {root_id: points for root_id, points in sums.items() if points > 0}


@dataclass(slots=True)
class Book:
    """A member's ledger under lock.

    `member_id` is who has the points: not whom was asked for, when that one was merged. `number` is
    that of the last transaction. `overdue` says that points are to be released or have expired
    that still stand as before. `lots` are those that the operation needs, in the order of spending.
    `idle_at` is when points without a time of their own expire, None unless inactivity ends them now.
    `zone` is the clock that the member lives by, and `program_zone` the program's.
    `wake_at` is when the timer of the member fires, None without one.
    """

    member_id: UUID
    program_id: UUID
    person_id: UUID | None
    status: MemberStatus
    number: int
    pending: int
    available: int
    reserved: int
    last_at: datetime | None
    idle_at: datetime | None
    moved_to: UUID | None
    overdue: bool
    found: UUID | None
    lots: Sequence[Lot]
    about: Earlier | None
    program_status: ProgramStatus
    redeem_until: date | None
    program_zone: ZoneInfo
    zone: ZoneInfo
    policies: Policies
    wake_at: datetime | None

    def time_of(self, now: datetime) -> datetime:
        """When something that happens now takes effect: never before what happened last."""
        return now if self.last_at is None else max(now, self.last_at)

    def is_over(self, lot: Lot, now: datetime) -> bool:
        """Whether points of a lot have expired by now, be they available."""
        expires_at = lot.expires_at or self.idle_at
        return expires_at is not None and expires_at <= now

    def note(self, entries: Sequence[Entry], at: datetime) -> None:
        """Know what a transaction that was added has changed."""
        self.number += 1
        self.pending += points_in(entries, Account.PENDING)
        self.available += points_in(entries, Account.AVAILABLE)
        self.reserved += points_in(entries, Account.RESERVED)
        self.last_at = at

    def require_spending(self, now: datetime) -> None:
        """Raise `Conflict` when the member may not spend points now."""
        if self.status is not MemberStatus.ACTIVE:
            raise Conflict(f"The member is {self.status}.", code="member_not_active")
        if not may_redeem(self.program_status, self.redeem_until, now, self.program_zone):
            raise Conflict(
                "The program lets nobody spend points now.", code="program_not_redeeming"
            )


@lru_cache(maxsize=1000)
def policies_written(text: str) -> Policies:
    """The policies of a program as its row has them; read once for each wording."""
    return policies_of(orjson.loads(text))
