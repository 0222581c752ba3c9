"""How the ledger is read under lock and written: transactions and entries are added, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from chassis.domain import NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.ledger.book import Book, Earlier, policies_written
from loyalty.ledger.domain import Account, Cause, Entry, Lot, Opening, Posting
from loyalty.members.domain import MemberStatus
from loyalty.profiles.domain import zone_named
from loyalty.programs.domain import ExpiryKind, ProgramStatus

POINTS_DUE = "points_due"
"""The timer of a member whose points are to be released, to be told of, or to expire."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A transaction that is to be written, besides its entries.

    `active` is for what the member does: where points expire by inactivity, they then expire at
    `idle_at`, or later where the policy says so, unless something else follows. One that `closes` its earlier one is the only one to do so.
    """

    cause: Cause
    points: int
    short: int = 0
    expired: int = 0
    about_id: UUID | None = None
    closes: bool = False
    active: bool = False
    idle_at: datetime | None = None


class Ledger:
    """The points of members, within one transaction."""

    def __init__(self, tx: UnitOfWork) -> None:
        self._tx = tx

    def open(
        self,
        member_id: UUID,
        cause: Cause,
        *,
        about: Cause | None = None,
        need: int = 0,
        follow: bool = True,
    ) -> Book:
        """A member's ledger, locked, with lots that have `need` points between them if there are so many.

        One that was merged into another is the other's, unless `follow` says no. Raises `NotFound`.
        """
        asked = {
            "member_id": member_id,
            "kind": cause.kind,
            "key": cause.key,
            "about_kind": None if about is None else about.kind,
            "about_key": None if about is None else about.key,
            "need": need,
            "now": self._tx.clock.now(),
            "follow": follow,
        }
        row = self._tx.fetch_one(_OPEN, asked)
        if row is None or row["book"] is None:
            self._tx.flush()  # the member may be new in this very transaction
            row = self._tx.fetch_one(_OPEN, asked)
        if row is None or row["book"] is None:
            raise NotFound.of("member", member_id)
        return _book(orjson.loads(row["book"]))

    def add(self, book: Book, draft: Draft, entries: Sequence[Entry], at: datetime) -> Posting:
        """Write a transaction; the balances and lots follow by themselves."""
        transaction_id = self._tx.ids.new()
        if entries:
            book.note(entries, at)
        self._tx.write(
            _ADD,
            {
                "tenant_id": self._tx.tenant_id,
                "id": transaction_id,
                "program_id": book.program_id,
                "member_id": book.member_id,
                "number": book.number if entries else None,
                "kind": draft.cause.kind,
                "key": draft.cause.key,
                "reference": draft.cause.reference,
                "points": draft.points,
                "short": draft.short,
                "about_id": draft.about_id,
                "closes": draft.closes,
                "active": draft.active,
                "idle_at": draft.idle_at,
                "at": at,
                "recorded_at": self._tx.clock.now(),
                "actor": self._tx.caller.actor,
                **_written(entries),
            },
        )
        return Posting(
            transaction_id,
            book.member_id,
            draft.cause,
            draft.points,
            at,
            draft.short,
            draft.expired,
        )

    def posting(self, transaction_id: UUID) -> Posting:
        """What was moved by a transaction before."""
        about = {"tenant_id": self._tx.tenant_id, "id": transaction_id}
        (row,) = self._tx.fetch_all(_POSTING, about)
        return Posting(
            id=transaction_id,
            member_id=row["member_id"],
            cause=Cause(row["kind"], row["key"], row["reference"]),
            points=row["points"],
            at=row["at"],
            short=row["short"],
            expired=row["expired"],
            is_new=False,
        )

    def open_lots(self, member_id: UUID) -> list[Lot]:
        """All lots that hold points or a debt, in the order of spending."""
        return open_lots(self._tx, [member_id]).get(member_id, [])

    def join(self, member_id: UUID, other_id: UUID) -> None:
        """Have the other be who is meant whenever the first is named from now on."""
        self._tx.fetch_all(_JOIN, {"one": member_id, "other": other_id})

    def part(self, member_id: UUID) -> None:
        """Have a member stand for themselves again."""
        self._tx.fetch_all(_PART, {"one": member_id})


def open_lots(reading: Reading | UnitOfWork, member_ids: Iterable[UUID]) -> dict[UUID, list[Lot]]:
    """The lots of members that hold points or a debt, in the order of spending."""
    about = {"tenant_id": reading.caller.tenant_id, "member_ids": list(member_ids)}
    found: dict[UUID, list[Lot]] = {}
    for row in reading.fetch_all(_OPEN_LOTS, about):
        found.setdefault(row["member_id"], []).append(lot_of(row))
    return found


def lots_earned_by(tx: UnitOfWork, holder_id: UUID, member_id: UUID) -> list[Lot]:
    """Those lots of a holder that hold points which a member has earned who was merged into them."""
    about = {"tenant_id": tx.tenant_id, "holder_id": holder_id, "member_id": member_id}
    return [lot_of(row) for row in tx.fetch_all(_EARNED_BY, about)]


def held_for(tx: UnitOfWork, member_id: UUID) -> Mapping[UUID, int]:
    """How many points a member's own open reservations hold, by the lots that they were earned as."""
    about = {"tenant_id": tx.tenant_id, "member_id": member_id}
    return {row["root_id"]: row["points"] for row in tx.fetch_all(_HELD_FOR, about)}


def lot_of(row: Mapping[str, Any]) -> Lot:
    """The lot that a row stands for."""
    same = ("id", "earning_id", "earned_at", "counts_from", "expires_at")
    amounts = ("pending", "available", "reserved", "redeemed", "expired")
    return Lot(
        root_id=row["root_id"] or row["id"], **{name: row[name] for name in (*same, *amounts)}
    )


def _written(entries: Sequence[Entry]) -> dict[str, str | None]:
    """Entries as a transaction's row has them: PostgreSQL's arrays as text, nothing for none."""
    if not entries:
        return {"accounts": None, "amounts": None, "lot_ids": None, "openings": None}
    openings = [_opening(one.lot_id, one.opening) for one in entries if one.opening is not None]
    return {
        "accounts": _array(one.account for one in entries),
        "amounts": _array(str(one.points) for one in entries),
        "lot_ids": _array(str(one.lot_id) for one in entries),
        "openings": _array(openings) if openings else None,
    }


def _array(parts: Iterable[str]) -> str:
    return f"{{{','.join(parts)}}}"


def _opening(lot_id: UUID, given: Opening) -> str:
    ids = (lot_id, given.root_id, given.earning_id)
    times = (given.earned_at, given.counts_from, given.expires_at)
    parts = ["" if one is None else str(one) for one in (*ids, *times)]
    return f'"({",".join(parts)})"'


def _book(read: Mapping[str, Any]) -> Book:
    person, until = read["person_id"], read["redeem_until"]
    zone, policies = ZoneInfo(read["time_zone"]), policies_written(read["policies"])
    # One from a policy of before ends nothing.
    by_idleness = policies.expiry.kind is ExpiryKind.INACTIVITY
    return Book(
        member_id=UUID(read["member_id"]),
        program_id=UUID(read["program_id"]),
        person_id=None if person is None else UUID(person),
        status=MemberStatus(read["status"]),
        number=read["number"],
        pending=read["pending"],
        available=read["available"],
        reserved=read["reserved"],
        last_at=_time(read["last_at"]),
        idle_at=_time(read["idle_at"]) if by_idleness else None,
        moved_to=None if read["moved_to"] is None else UUID(read["moved_to"]),
        overdue=bool(read["overdue"]),
        found=None if read["found"] is None else UUID(read["found"]),
        lots=[_lot(one) for one in read["lots"] or ()],
        about=None if read["about"] is None else _earlier(read["about"]),
        program_status=ProgramStatus(read["program_status"]),
        redeem_until=None if until is None else date.fromisoformat(until),
        program_zone=zone,
        zone=zone_named(read["own_zone"] or "") or zone,
        policies=policies,
        wake_at=_time(read["wake_at"]),
    )


def _lot(read: Sequence[Any]) -> Lot:
    return Lot(
        UUID(read[0]),
        UUID(read[1]),
        UUID(read[2]),
        datetime.fromisoformat(read[3]),
        _time(read[4]),
        _time(read[5]),
        *read[6:],
    )


def _earlier(read: Mapping[str, Any]) -> Earlier:
    return Earlier(
        id=UUID(read["id"]),
        member_id=UUID(read["member_id"]),
        points=read["points"],
        moved=[(Account(a), UUID(lot), points) for a, lot, points in read["entries"] or ()],
        after=[(Account(a), UUID(lot), points) for a, lot, points in read["after"] or ()],
        undone=read["undone"],
        closed=read["closed"],
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


_OPEN = Statement(
    "SELECT ledger_open(%(member_id)s, %(kind)s, %(key)s, %(about_kind)s, %(about_key)s,"
    " %(need)s, %(now)s, %(follow)s)::text AS book"
)
# The entries are part of the row: the database looks at all of a transaction when it takes it in.
_ADD = Statement(
    "INSERT INTO ledger_transactions (tenant_id, id, program_id, member_id, number, kind, key,"
    " reference, points, short, about_id, closes, active, idle_at, at, recorded_at, actor, accounts,"
    " amounts, lot_ids, openings)"
    " VALUES (%(tenant_id)s, %(id)s, %(program_id)s, %(member_id)s, %(number)s, %(kind)s, %(key)s,"
    " %(reference)s, %(points)s, %(short)s, %(about_id)s, %(closes)s, %(active)s, %(idle_at)s,"
    " %(at)s, %(recorded_at)s, %(actor)s, %(accounts)s::text[], %(amounts)s::bigint[],"
    " %(lot_ids)s::uuid[], %(openings)s::ledger_opening[])"
)
_POSTING = Statement(
    "SELECT t.member_id, t.kind, t.key, t.reference, t.points, t.short, t.at,"
    " coalesce((SELECT sum(e.points) FROM ledger_entries e WHERE e.tenant_id = t.tenant_id"
    " AND e.transaction_id = t.id AND e.account = 'expired' AND e.points > 0), 0)::bigint"
    " AS expired"
    " FROM ledger_transactions t WHERE t.tenant_id = %(tenant_id)s AND t.id = %(id)s"
)
_LOT = (
    "SELECT id, root_id, member_id, earning_id, earned_at, counts_from, expires_at, pending,"
    " available, reserved, redeemed, expired FROM ledger_lots WHERE tenant_id = %(tenant_id)s"
)
_OPEN_LOTS = Statement(
    f"{_LOT} AND member_id = ANY(%(member_ids)s) AND is_open ORDER BY expires_at, earned_at, id"
)
_JOIN = Statement("SELECT ledger_join(%(one)s, %(other)s)")
_PART = Statement("SELECT ledger_part(%(one)s)")
_EARNED_BY = Statement(
    "SELECT l.id, l.root_id, l.member_id, l.earning_id, l.earned_at, l.counts_from, l.expires_at,"
    " l.pending, l.available, l.reserved, l.redeemed, l.expired FROM ledger_lots l"
    " JOIN ledger_lots r ON r.tenant_id = l.tenant_id AND r.id = coalesce(l.root_id, l.id)"
    " JOIN ledger_balances b ON b.tenant_id = l.tenant_id AND b.member_id = %(member_id)s"
    " WHERE l.tenant_id = %(tenant_id)s AND l.member_id = %(holder_id)s AND l.is_open"
    " AND r.member_id = ANY (b.member_id || b.family)"
    " ORDER BY l.expires_at, l.earned_at, l.id"
)
_HELD_FOR = Statement(
    "SELECT coalesce(l.root_id, l.id) AS root_id, sum(e.points)::bigint AS points"
    " FROM ledger_balances b"
    " JOIN ledger_transactions t ON t.tenant_id = b.tenant_id"
    " AND t.member_id = ANY (b.member_id || b.family) AND t.kind NOT IN ('merge', 'unmerge')"
    " JOIN ledger_entries e ON e.tenant_id = t.tenant_id AND e.transaction_id = t.id"
    " AND e.account = 'reserved' AND e.points > 0"
    " JOIN ledger_lots l ON l.tenant_id = e.tenant_id AND l.id = e.lot_id"
    " WHERE b.tenant_id = %(tenant_id)s AND b.member_id = %(member_id)s AND NOT EXISTS"
    " (SELECT FROM ledger_transactions c WHERE c.tenant_id = t.tenant_id AND c.about_id = t.id"
    " AND c.closes) GROUP BY 1"
)
