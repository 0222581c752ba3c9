"""What becomes due in a member's ledger: pending points begin to count, and points expire.

It is done by whoever comes first: the timer, or the next operation on the member, so that nobody
spends points after their time, however late the timer is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chassis.work.timers import set_timer
from loyalty.expiry.domain import idle_from
from loyalty.ledger.book import Book
from loyalty.ledger.domain import Account, Cause, Lot, PointsExpired, PointsReleased
from loyalty.ledger.moves import Moves
from loyalty.ledger.storage import POINTS_DUE, Draft
from loyalty.ledger.telling import movement
from loyalty.transaction import LoyaltyTx

RELEASE = "release"
EXPIRY = "expiry"


def catch_up(tx: LoyaltyTx, book: Book) -> list[Lot]:
    """Release and expire what is due by now, in the order in which it became so; gives the open lots.

    What was due at one time is one transaction, which takes effect then.
    """
    now = tx.clock.now()
    lots = tx.ledger.open_lots(book.member_id)
    while (due := _next(book, lots, now)) is not None:
        moves = Moves(lots)
        (_release if due.pending else _expire)(tx, book, moves, due, now)
        lots = moves.after()
    book.overdue = False
    return lots


def wake(tx: LoyaltyTx, book: Book, at: datetime | None) -> None:
    """Have the member's timer fire by this time; it may fire before."""
    if at is not None and (book.wake_at is None or at < book.wake_at):
        set_timer(tx, POINTS_DUE, str(book.member_id), at)
        book.wake_at = at


def wake_for(
    tx: LoyaltyTx,
    book: Book,
    counts_from: datetime | None,
    expires_at: datetime | None,
    *,
    idle_at: datetime | None = None,
) -> None:
    """Have the timer fire in time for a new lot: to release it, to tell that it expires, to expire it.

    `idle_at` is when inactivity ends it, which is counted from now unless it is told.
    """
    now, expiry = tx.clock.now(), book.policies.expiry
    ends = expires_at or idle_at or idle_from(expiry, now, book.zone)
    if ends is not None:
        notices = (ends - timedelta(days=days) for days in expiry.notice_days)
        wake(tx, book, min((at for at in notices if at > now), default=ends))
    wake(tx, book, counts_from)


def _next(book: Book, lots: list[Lot], now: datetime) -> Lot | None:
    """The lot that is due first; at one time pending points are released before any expire."""
    due = [(at, not lot.pending, lot) for lot in lots if (at := due_at(book, lot)) and at <= now]
    return min(due, key=lambda one: (one[0], one[1], one[2].id))[2] if due else None


def due_at(book: Book, lot: Lot) -> datetime | None:
    """When something befalls a lot next; None when nothing does."""
    if lot.pending:
        return lot.counts_from
    if lot.available > 0:
        return lot.expires_at or book.idle_at
    return None


def _release(tx: LoyaltyTx, book: Book, moves: Moves, due: Lot, now: datetime) -> None:
    points = 0
    for lot in moves.lots.values():
        if lot.pending and lot.counts_from == due.counts_from:
            moves.move(lot.id, Account.PENDING, Account.AVAILABLE, lot.pending)
            points += lot.pending
    moves.settle()
    cause = _cause(RELEASE, due, due.counts_from or now)
    at = book.time_of(due.counts_from or now)
    posting = tx.ledger.add(book, Draft(cause, points), moves.entries(), at)
    tx.publish(PointsReleased(movement(book, posting)), book.member_id, book.number)


def _expire(tx: LoyaltyTx, book: Book, moves: Moves, due: Lot, now: datetime) -> None:
    moment = due_at(book, due)
    points = 0
    for lot in moves.lots.values():
        if lot.available > 0 and not lot.pending and due_at(book, lot) == moment:
            moves.move(lot.id, Account.AVAILABLE, Account.EXPIRED, lot.available)
            points += lot.available
    cause = _cause(EXPIRY, due, moment or now)
    at = book.time_of(moment or now)
    posting = tx.ledger.add(book, Draft(cause, points), moves.entries(), at)
    tx.publish(PointsExpired(movement(book, posting)), book.member_id, book.number)


def _cause(kind: str, lot: Lot, at: datetime) -> Cause:
    """Unique, since no lot is due twice at one time, and no two are first at one time."""
    return Cause(kind, f"{at.isoformat()}:{lot.id}")
