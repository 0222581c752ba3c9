"""Plans what a transaction moves between the accounts of lots; whatever is planned sums to zero."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from loyalty.ledger.domain import Account, Entry, Lot, Opening

_FOLLOWED = (
    Account.PENDING,
    Account.AVAILABLE,
    Account.RESERVED,
    Account.REDEEMED,
    Account.EXPIRED,
)


class Moves:
    """What is to be moved, step by step; each step takes from one place what it brings to another.

    `lots` are in the order in which their points are spent: those that expire first come first,
    then the older ones.
    """

    def __init__(self, lots: Iterable[Lot]) -> None:
        self.lots = {lot.id: lot for lot in lots}
        self._held: dict[tuple[UUID, Account], int] = {
            (lot.id, account): getattr(lot, account)
            for lot in self.lots.values()
            for account in _FOLLOWED
        }
        self._moved: dict[tuple[UUID, Account], int] = {}
        self._opened: dict[UUID, Opening] = {}

    def held(self, lot_id: UUID, account: Account) -> int:
        """How many points of a lot are in an account after the steps so far."""
        return self._held.get((lot_id, account), 0)

    def open(self, lot_id: UUID, opening: Opening, points: int, account: Account) -> None:
        """Begin a lot with so many points; below zero for a debt that comes from elsewhere."""
        self._opened[lot_id] = opening
        self.move(lot_id, Account.ISSUED, account, points)

    def move(self, lot_id: UUID, source: Account, target: Account, points: int) -> None:
        """Move points of a lot from one account to another."""
        self._change(lot_id, source, -points)
        self._change(lot_id, target, points)

    def take(self, source: Account, target: Account, points: int) -> int:
        """Move as many points as there are, at most so many, from lots in their order; gives how many."""
        taken = 0
        for lot_id in list(self.lots):
            some = min(points - taken, self.held(lot_id, source))
            if some > 0:
                self.move(lot_id, source, target, some)
                taken += some
        return taken

    def take_of(self, root_id: UUID, source: Account, target: Account, points: int) -> int:
        """The same, from lots alone whose points were earned as this one."""
        taken = 0
        for lot in list(self.lots.values()):
            some = min(points - taken, self.held(lot.id, source))
            if lot.root_id == root_id and some > 0:
                self.move(lot.id, source, target, some)
                taken += some
        return taken

    def settle(self) -> None:
        """Have lots with points make up for those below zero, until one kind is gone."""
        if not any(points < 0 for (_, to), points in self._held.items() if to is Account.AVAILABLE):
            return
        places = [lot.id for lot in sorted(self.lots.values(), key=_in_turn)]
        places += [lot_id for lot_id in self._opened if lot_id not in self.lots]
        # Each is gone through once: who has made up for one debt has less, or nothing, for the next.
        sources = iter([one for one in places if self.held(one, Account.AVAILABLE) > 0])
        source = next(sources, None)
        for debt in [one for one in places if self.held(one, Account.AVAILABLE) < 0]:
            while source is not None and (owed := -self.held(debt, Account.AVAILABLE)) > 0:
                there = self.held(source, Account.AVAILABLE)
                self._change(source, Account.AVAILABLE, -min(owed, there))
                self._change(debt, Account.AVAILABLE, min(owed, there))
                if owed >= there:
                    source = next(sources, None)

    def after(self) -> list[Lot]:
        """The lots as they are after the steps so far; without those that were begun."""
        return [
            replace(
                lot,
                pending=self.held(lot.id, Account.PENDING),
                available=self.held(lot.id, Account.AVAILABLE),
                reserved=self.held(lot.id, Account.RESERVED),
                redeemed=self.held(lot.id, Account.REDEEMED),
                expired=self.held(lot.id, Account.EXPIRED),
            )
            for lot in self.lots.values()
        ]

    def moved(self, account: Account) -> int:
        """How many points the steps so far bring into an account, less what they take out of it."""
        return sum(points for (_, to), points in self._moved.items() if to is account)

    def entries(self) -> Sequence[Entry]:
        """The lines of the transaction: one for each account of a lot that holds more or less now."""
        return [
            Entry(account, points, lot_id, self._opening(lot_id, account))
            for (lot_id, account), points in self._moved.items()
            if points
        ]

    def _opening(self, lot_id: UUID, account: Account) -> Opening | None:
        return self._opened.get(lot_id) if account is Account.ISSUED else None

    def _change(self, lot_id: UUID, account: Account, points: int) -> None:
        key = (lot_id, account)
        self._held[key] = self._held.get(key, 0) + points
        self._moved[key] = self._moved.get(key, 0) + points


def _in_turn(lot: Lot) -> tuple[bool, datetime, datetime, UUID]:
    """What expires first is spent first; then what is older."""
    return (lot.expires_at is None, lot.expires_at or lot.earned_at, lot.earned_at, lot.id)
