"""A plain model of one member's points: dictionaries and loops, no database, none of the ledger's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from loyalty.expiry.domain import expiry_of, idle_from
from loyalty.programs.domain import ExpiryPolicy


class Refused(Exception):
    """What the ledger has to refuse, too."""


@dataclass
class ModelLot:
    """So many points of one earning in each account."""

    number: int
    counts_from: datetime | None
    expires_at: datetime | None
    held: Counter[str] = field(default_factory=Counter)

    @property
    def turn(self) -> tuple[bool, float, int]:
        """What expires first goes first, then what is older."""
        return (
            self.expires_at is None,
            self.expires_at.timestamp() if self.expires_at else 0,
            self.number,
        )


class Model:
    """One member's points, by what each operation is said to do with them."""

    def __init__(self, expiry: ExpiryPolicy, zone: ZoneInfo, *, owe: bool) -> None:
        self.expiry, self.zone, self.owe = expiry, zone, owe
        self.lots: list[ModelLot] = []
        self.idle_at: datetime | None = None
        self.earnings: dict[str, tuple[ModelLot, int]] = {}
        self.taken: Counter[str] = Counter()
        self.held: dict[str, Counter[int]] = {}
        self.ended: set[str] = set()
        self.spent: dict[str, Counter[int]] = {}
        self.short = 0

    def sums(self) -> dict[str, int]:
        """How many points are in each account."""
        accounts = ("pending", "available", "reserved", "redeemed", "expired", "reversed")
        return {name: sum(lot.held[name] for lot in self.lots) for name in accounts}

    @property
    def available(self) -> int:
        """How many can be spent; below zero for what is owed."""
        return self.sums()["available"]

    def earn(self, now: datetime, key: str, points: int, counts_from: datetime | None) -> None:
        """Points of a lot of their own."""
        expires_at = expiry_of(self.expiry, now, self.zone)
        if counts_from and expires_at and expires_at <= counts_from:
            expires_at = expiry_of(self.expiry, counts_from, self.zone)
        self._act(now, counts_from)
        lot = ModelLot(len(self.lots), counts_from, expires_at)
        lot.held["pending" if counts_from else "available"] = points
        self.lots.append(lot)
        self.earnings[key] = (lot, points)
        self._settle()

    def use(self, now: datetime, key: str, points: int, account: str) -> None:
        """Points that are spent, or held."""
        if self.available < points:
            raise Refused
        used = self._take(self._in_turn(), "available", account, points)
        if account == "reserved":
            self.held[key] = used
        else:
            self.spent[key] = used
        self._act(now)

    def redeem(self, now: datetime, reservation: str, key: str) -> None:
        """Held points are spent."""
        self._end(reservation)
        used = self.held[reservation]
        for number, points in used.items():
            self._move(self.lots[number], "reserved", "redeemed", points)
        self.spent[key] = Counter(used)
        self._act(now)

    def cancel(self, now: datetime, reservation: str) -> None:
        """Held points are free again."""
        self._end(reservation)
        for number, points in self.held[reservation].items():
            self._free(now, self.lots[number], "reserved", points)
        self._settle()

    def reverse(self, earning: str, points: int | None) -> int:
        """Earned points are taken back; gives how many were dealt with."""
        lot, gave = self.earnings[earning]
        asked = min(gave - self.taken[earning], points or gave)
        self.taken[earning] += asked
        left = asked
        for source in ("pending", "available", "expired"):
            left -= self._take([lot], source, "reversed", left).total()
        left -= self._take(self._in_turn(), "available", "reversed", left).total()
        if self.owe:
            self._move(lot, "available", "reversed", left)
        else:
            self.short += left
        return asked

    def restore(self, now: datetime, redemption: str, points: int | None) -> int:
        """Spent points are given back; gives how many."""
        spent = self.spent[redemption]
        left = asked = min(spent.total(), points or spent.total())
        for lot in reversed(self._in_turn()):
            some = min(left, spent[lot.number])
            self._free(now, lot, "redeemed", some)
            spent[lot.number] -= some
            left -= some
        self._settle()
        return asked

    def pass_time(self, now: datetime) -> None:
        """Release and expire what is due, in the order in which it became so."""
        while True:
            due = [
                (lot.counts_from, 0, lot.number)
                for lot in self.lots
                if lot.held["pending"] and lot.counts_from
            ] + [
                (at, 1, lot.number)
                for lot in self.lots
                if lot.held["available"] > 0 and (at := lot.expires_at or self.idle_at)
            ]
            due = [one for one in due if one[0] <= now]
            if not due:
                return
            _, what, number = min(due)
            lot = self.lots[number]
            if what == 0:
                at = lot.counts_from
                for each in self.lots:
                    if each.counts_from == at:
                        self._move(each, "pending", "available", each.held["pending"])
                self._settle()
            else:
                self._move(lot, "available", "expired", lot.held["available"])

    def _act(self, now: datetime, counts_from: datetime | None = None) -> None:
        """Points last from now on, or from when those count that are pending."""
        ends = [idle_from(self.expiry, now, self.zone)]
        ends.append(idle_from(self.expiry, counts_from or now, self.zone))
        ends += [self.idle_at] if self.sums()["pending"] else []
        self.idle_at = max((at for at in ends if at is not None), default=None)

    def _end(self, reservation: str) -> None:
        if reservation in self.ended:
            raise Refused
        self.ended.add(reservation)

    def _in_turn(self) -> list[ModelLot]:
        return sorted(self.lots, key=lambda lot: lot.turn)

    def _take(
        self, lots: Iterable[ModelLot], source: str, target: str, points: int
    ) -> Counter[int]:
        taken: Counter[int] = Counter()
        for lot in lots:
            some = min(points - taken.total(), max(0, lot.held[source]))
            self._move(lot, source, target, some)
            taken[lot.number] += some
        return taken

    def _free(self, now: datetime, lot: ModelLot, source: str, points: int) -> None:
        ends = lot.expires_at or self.idle_at
        self._move(lot, source, "expired" if ends and ends <= now else "available", points)

    def _move(self, lot: ModelLot, source: str, target: str, points: int) -> None:
        lot.held[source] -= points
        lot.held[target] += points

    def _settle(self) -> None:
        for debt in self._in_turn():
            for lot in self._in_turn():
                some = max(0, min(-debt.held["available"], lot.held["available"]))
                lot.held["available"] -= some
                debt.held["available"] += some
