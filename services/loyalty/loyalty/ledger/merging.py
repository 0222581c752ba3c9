"""Brings a member's points over to another who turned out to be the same person, and back.

What is over goes to new lots that know which lots they came from, so that reservations, reversals and
returns find it; what was spent and what has expired stays with whose it was. Both ledgers balance
by themselves: points that leave go back to issued, and are issued again where they come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from loyalty.expiry.notices import notices_go_along
from loyalty.ledger.book import Book
from loyalty.ledger.domain import Account, Cause, Lot, Opening, PointsMoved
from loyalty.ledger.due import catch_up, wake_for
from loyalty.ledger.moves import Moves
from loyalty.ledger.storage import Draft, held_for, lots_earned_by
from loyalty.ledger.telling import movement
from loyalty.transaction import LoyaltyTx

MERGE = "merge"
UNMERGE = "unmerge"
_HELD = (Account.PENDING, Account.AVAILABLE, Account.RESERVED)


@dataclass(frozen=True, slots=True)
class Part:
    """Points of a lot, below zero where they are owed."""

    lot: Lot
    account: Account
    points: int


def merge_ledgers(tx: LoyaltyTx, member_id: UUID, into_id: UUID) -> None:
    """Bring all that a member has over to another, who is meant from now on whenever either is named.

    Nothing happens when that was done before. Raises `NotFound`, ValueError for members of two
    programs.
    """
    cause = Cause(MERGE, f"{into_id}:{tx.ids.new()}")
    for each in sorted((member_id, into_id)):
        tx.ledger.open(each, cause, follow=False)
    source = tx.ledger.open(member_id, cause, follow=False)
    target = tx.ledger.open(into_id, cause)
    if source.moved_to is not None or source.member_id == target.member_id:
        return
    if source.program_id != target.program_id:
        raise ValueError("members of two programs cannot be one")
    lots = catch_up(tx, source)
    catch_up(tx, target)
    parts = [Part(lot, to, getattr(lot, to)) for lot in lots for to in _HELD if getattr(lot, to)]
    carry(tx, source, target, parts)
    tx.ledger.join(source.member_id, target.member_id)


def unmerge_ledgers(tx: LoyaltyTx, member_id: UUID) -> None:
    """Give a member back what came from them and is still there, who stands for themselves again.

    What was spent since is gone. Nothing happens to one who was not merged. Raises `NotFound`.
    """
    cause = Cause(UNMERGE, f"{member_id}:{tx.ids.new()}")
    target = tx.ledger.open(member_id, cause, follow=False)
    if target.moved_to is None:
        return
    source = tx.ledger.open(target.moved_to, cause)
    catch_up(tx, source)
    catch_up(tx, target)
    lots = lots_earned_by(tx, source.member_id, member_id)
    parts = [
        Part(lot, to, getattr(lot, to))
        for lot in lots
        for to in (Account.PENDING, Account.AVAILABLE)
        if getattr(lot, to)
    ]
    parts += _reserved(lots, held_for(tx, member_id))
    carry(tx, source, target, parts, UNMERGE)
    tx.ledger.part(member_id)


def bring_expired(tx: LoyaltyTx, holder: Book, earning_cause: Cause, points: int) -> bool:
    """Bring expired points of an earning to who is left, from those who had them before a merge.

    So many that with those of the earning which the holder has there are `points`, if there are so
    many. The holder is locked, with the lots of the earning. Whether any came.
    """
    if holder.about is None:
        return False
    roots, came = holder.about.roots, False
    own = [lot for lot in holder.lots if lot.root_id in roots]
    to_go = points - sum(lot.pending + max(lot.available, 0) + lot.expired for lot in own)
    before: UUID | None = holder.about.member_id
    while to_go > 0 and before is not None and before != holder.member_id:
        source = tx.ledger.open(
            before, Cause(MERGE, f"{tx.ids.new()}"), about=earning_cause, follow=False
        )
        parts = []
        for lot in source.lots:
            some = min(to_go, lot.expired) if lot.root_id in roots else 0
            if some > 0:
                parts.append(Part(lot, Account.EXPIRED, some))
                to_go -= some
        carry(tx, source, holder, parts)
        came, before = came or bool(parts), source.moved_to
    return came


def carry(
    tx: LoyaltyTx, source: Book, target: Book, parts: Sequence[Part], kind: str = MERGE
) -> None:
    """Move points from one member to another, for good; both are locked."""
    if not parts:
        return
    leaving = Moves(tx.ledger.open_lots(source.member_id))
    coming = Moves(tx.ledger.open_lots(target.member_id))
    opened: dict[tuple[UUID, bool], UUID] = {}
    for part in parts:
        leaving.move(part.lot.id, part.account, Account.ISSUED, part.points)
        key = (part.lot.id, part.points > 0)  # what is owed is a lot of its own
        if key in opened:
            coming.move(opened[key], Account.ISSUED, part.account, part.points)
        else:
            opened[key] = tx.ids.new()
            coming.open(opened[key], _opening(part.lot), part.points, part.account)
    points = sum(part.points for part in parts)
    idle_at = max(filter(None, (source.idle_at, target.idle_at)), default=None)
    for book, moves, sign in ((source, leaving, -1), (target, coming, 1)):
        other = target if book is source else source
        moves.settle()
        draft = Draft(
            Cause(kind, f"{other.member_id}:{tx.ids.new()}"),
            sign * points,
            active=idle_at is not None and book is target,
            idle_at=idle_at,
        )
        posting = tx.ledger.add(book, draft, moves.entries(), book.time_of(tx.clock.now()))
        told = PointsMoved(movement(book, posting), other.member_id)
        tx.publish(told, book.member_id, book.number)
    notices_go_along(tx, source.member_id, target.member_id)
    for part in parts:
        pending = part.account is Account.PENDING
        if part.account is not Account.EXPIRED:
            counts_from = part.lot.counts_from if pending else None
            wake_for(tx, target, counts_from, part.lot.expires_at, idle_at=idle_at)


def _opening(lot: Lot) -> Opening:
    return Opening(lot.root_id, lot.earning_id, lot.earned_at, lot.counts_from, lot.expires_at)


def _reserved(lots: Sequence[Lot], held: Mapping[UUID, int]) -> list[Part]:
    """The points that are held by reservations which are still open, by the lots they were earned as."""
    left = dict(held)
    parts = []
    for lot in lots:
        some = min(left.get(lot.root_id, 0), lot.reserved)
        if some > 0:
            left[lot.root_id] -= some
            parts.append(Part(lot, Account.RESERVED, some))
    return parts
