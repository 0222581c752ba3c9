"""What moves points: each within the caller's transaction, and once for a cause.

Each locks the member's ledger until the transaction ends. Whoever moves points of several members in
one transaction does so in the order of their ids, so that none waits for another in a circle.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from loyalty.expiry.domain import expiry_of, idle_from
from loyalty.ledger.book import Book, Earlier
from loyalty.ledger.domain import (
    MOST_POINTS,
    Account,
    Cause,
    Movement,
    Opening,
    PointsEarned,
    PointsRedeemed,
    PointsReservationCancelled,
    PointsReserved,
    PointsRestored,
    PointsReversed,
    Posting,
    insufficient,
    require_points,
)
from loyalty.ledger.due import wake_for
from loyalty.ledger.keeping import add, begin, give_back, told
from loyalty.ledger.merging import Part, bring_expired, carry
from loyalty.ledger.moves import Moves
from loyalty.ledger.storage import Draft
from loyalty.ledger.telling import movement
from loyalty.programs.domain import WhenSpent
from loyalty.transaction import LoyaltyTx


def earn(
    tx: LoyaltyTx,
    member_id: UUID,
    points: int,
    cause: Cause,
    *,
    pending_until: datetime | None = None,
    expires_at: datetime | None = None,
) -> Posting:
    """Give a member points, as a lot of their own; what the member owes is made up for by them first.

    They are pending until `pending_until`, unless that has gone by. They expire at `expires_at`, else by
    the program's policy, counted from now or, should that be too early, from when they count; what was
    told too late, when `expires_at` has gone by, expires at once. Raises `NotFound`, `Invalid` for no
    points or for points that would expire before they count.
    """
    require_points(points)
    book = begin(tx, member_id, cause)
    if book.found is not None:
        return tx.ledger.posting(book.found)
    now = tx.clock.now()
    counts_from = pending_until if pending_until is not None and pending_until > now else None
    expires_at = _expiry(book, now, counts_from, expires_at)
    moves, lot_id = Moves(book.lots), tx.ids.new()
    account = Account.AVAILABLE if counts_from is None else Account.PENDING
    opening = Opening(counts_from=counts_from, expires_at=expires_at)
    moves.open(lot_id, opening, points, account)
    moves.settle()
    idle_at = idle_from(book.policies.expiry, counts_from or now, book.zone)
    posting = add(tx, book, moves, Draft(cause, points, active=True, idle_at=idle_at))
    told = PointsEarned(movement(book, posting), counts_from, expires_at)
    tx.publish(told, book.member_id, book.number)
    wake_for(tx, book, counts_from, expires_at)
    return posting


def reserve(tx: LoyaltyTx, member_id: UUID, points: int, cause: Cause) -> Posting:
    """Hold points, those that expire first and then the older ones.

    Raises `NotFound`, `Conflict` with `points_insufficient` when there are too few, and when the
    member may not spend any now.
    """
    return _use(tx, member_id, points, cause, Account.RESERVED)


def spend(tx: LoyaltyTx, member_id: UUID, points: int, cause: Cause) -> Posting:
    """Spend points at once; raises what `reserve` raises."""
    return _use(tx, member_id, points, cause, Account.REDEEMED)


def deduct(tx: LoyaltyTx, member_id: UUID, points: int, cause: Cause) -> Posting:
    """Take points away that a member has, as a correction.

    Raises `NotFound`, `Conflict` with `points_insufficient` when there are too few.
    """
    return _use(tx, member_id, points, cause, Account.REVERSED)


def redeem_reserved(
    tx: LoyaltyTx, member_id: UUID, reservation_cause: Cause, cause: Cause
) -> Posting:
    """Spend what was held.

    Raises `NotFound` without such a reservation, `Conflict` with `reservation_ended` for one that
    was redeemed or cancelled already, by another cause.
    """
    book = begin(tx, member_id, cause, about=reservation_cause)
    if book.found is not None:
        return tx.ledger.posting(book.found)
    reservation, moves = _reservation(book, reservation_cause), Moves(book.lots)
    for root_id, points in reservation.left(Account.RESERVED).items():
        moves.take_of(root_id, Account.RESERVED, Account.REDEEMED, points)
    draft = Draft(cause, reservation.points, about_id=reservation.id, closes=True, active=True)
    posting = add(tx, book, moves, draft)
    return told(tx, book, posting, PointsRedeemed)


def cancel_reservation(
    tx: LoyaltyTx, member_id: UUID, reservation_cause: Cause, cause: Cause
) -> Posting:
    """Free what was held: it goes back to its lots, and expires at once where their time has come.

    Raises what `redeem_reserved` raises.
    """
    book = begin(tx, member_id, cause, about=reservation_cause)
    if book.found is not None:
        return tx.ledger.posting(book.found)
    reservation, moves = _reservation(book, reservation_cause), Moves(book.lots)
    for root_id, points in reservation.left(Account.RESERVED).items():
        give_back(tx, book, moves, Account.RESERVED, (root_id, points))
    draft = Draft(
        cause,
        reservation.points,
        expired=moves.moved(Account.EXPIRED),
        about_id=reservation.id,
        closes=True,
    )
    posting = add(tx, book, moves, draft)
    return told(tx, book, posting, PointsReservationCancelled)


def reverse(
    tx: LoyaltyTx, member_id: UUID, earning_cause: Cause, points: int | None, cause: Cause
) -> Posting:
    """Take back what an earning gave, or so many of it; all reversals together take no more than that.

    Its own points go first: pending, available and expired ones, also those that had expired before
    whoever earned them was merged into the member. Then others that the member has.
    What is still missing was spent: it is owed, or written off (`short`), as the program says.
    Raises `NotFound` without such an earning.
    """
    book = begin(tx, member_id, cause, about=earning_cause, need=points or MOST_POINTS)
    if book.found is not None:
        return tx.ledger.posting(book.found)
    earning = _earlier(book, "earning", earning_cause)
    left = earning.points - earning.undone
    asked = left if points is None else min(points, left)
    if earning.member_id != book.member_id and bring_expired(tx, book, earning_cause, asked):
        book = tx.ledger.open(member_id, cause, about=earning_cause, need=points or MOST_POINTS)
    moves = Moves(book.lots)
    short = asked - _take_back(moves, earning, asked)
    if short and book.policies.refunds.when_spent is WhenSpent.OWE:
        _owe(tx, moves, earning, short)
        short = 0
    posting = add(tx, book, moves, Draft(cause, asked, short=short, about_id=earning.id))
    return told(tx, book, posting, PointsReversed) if asked else posting


def restore(
    tx: LoyaltyTx, member_id: UUID, redemption_cause: Cause, points: int | None, cause: Cause
) -> Posting:
    """Give back points that were spent, or so many of them, since what they were spent on came back.

    Those that would last longest go first; they go to their lots, and expire at once where their
    time has come (`expired`). All that is given back of a redemption is no more than was spent.
    Raises `NotFound` without such a redemption.
    """
    book = begin(tx, member_id, cause, about=redemption_cause)
    if book.found is not None:
        return tx.ledger.posting(book.found)
    redemption, holder = _earlier(book, "redemption", redemption_cause), book
    if redemption.member_id != holder.member_id:  # who was merged into the holder
        spender = redemption.member_id
        book = tx.ledger.open(spender, cause, about=redemption_cause, follow=False)
        book.idle_at = holder.idle_at  # what the person did since keeps these points, too
    posting, free = _restored(tx, book, redemption, (points, cause))
    if book is not holder:
        carry(tx, book, holder, free)
    return posting


def _restored(
    tx: LoyaltyTx, book: Book, redemption: Earlier, asked_for: tuple[int | None, Cause]
) -> tuple[Posting, list[Part]]:
    """Give back points to whoever spent them; gives those that are free again, too."""
    (points, cause), moves = asked_for, Moves(book.lots)
    left = redemption.left(Account.REDEEMED)
    asked = min(sum(left.values()), points or MOST_POINTS)
    to_go = asked
    for lot in reversed(book.lots):
        some = min(to_go, left.get(lot.root_id, 0), moves.held(lot.id, Account.REDEEMED))
        if some > 0:
            give_back(tx, book, moves, Account.REDEEMED, (lot.root_id, some))
            left[lot.root_id] -= some
            to_go -= some
    expired = moves.moved(Account.EXPIRED)
    draft = Draft(cause, asked, expired=expired, about_id=redemption.id)
    posting = add(tx, book, moves, draft)
    free = [Part(lot, Account.AVAILABLE, lot.available) for lot in moves.after() if lot.available]
    return told(tx, book, posting, PointsRestored) if asked else posting, free


def _use(tx: LoyaltyTx, member_id: UUID, points: int, cause: Cause, target: Account) -> Posting:
    require_points(points)
    book = begin(tx, member_id, cause, need=points)
    if book.found is not None:
        return tx.ledger.posting(book.found)
    if target is not Account.REVERSED:
        book.require_spending(tx.clock.now())
    if book.available < points:
        raise insufficient(points, book.available)
    moves = Moves(book.lots)
    moves.take(Account.AVAILABLE, target, points)
    active = target is not Account.REVERSED
    posting = add(tx, book, moves, Draft(cause, points, active=active))
    return told(tx, book, posting, _TOLD[target])


_TOLD: dict[Account, Callable[[Movement], PointsReserved | PointsRedeemed | PointsReversed]] = {
    Account.RESERVED: PointsReserved,
    Account.REDEEMED: PointsRedeemed,
    Account.REVERSED: PointsReversed,
}


def _reservation(book: Book, cause: Cause) -> Earlier:
    reservation = _earlier(book, "reservation", cause)
    if reservation.closed:
        raise Conflict("The reservation has ended already.", code="reservation_ended")
    return reservation


def _earlier(book: Book, what: str, cause: Cause) -> Earlier:
    if book.about is None:
        raise NotFound.of(what, cause.key)
    return book.about


def _take_back(moves: Moves, earning: Earlier, points: int) -> int:
    """Take points back that are there; gives how many are."""
    taken = 0
    own = earning.roots
    for source in (Account.PENDING, Account.AVAILABLE, Account.EXPIRED):
        for root_id in own:
            taken += moves.take_of(root_id, source, Account.REVERSED, points - taken)
    return taken + moves.take(Account.AVAILABLE, Account.REVERSED, points - taken)


def _owe(tx: LoyaltyTx, moves: Moves, earning: Earlier, points: int) -> None:
    """Have the member owe points that were spent already, on the lot that they came from."""
    (root_id,) = earning.roots
    own = [lot for lot in moves.lots.values() if lot.root_id == root_id]
    if own:
        moves.move(own[0].id, Account.AVAILABLE, Account.REVERSED, points)
    else:  # the lot stayed with a member who was merged into this one
        opening = Opening(root_id, earning.id, tx.clock.now())
        moves.open(tx.ids.new(), opening, -points, Account.AVAILABLE)


def _expiry(
    book: Book, now: datetime, counts_from: datetime | None, asked: datetime | None
) -> datetime | None:
    if asked is None:
        policy = book.policies.expiry
        by_policy = expiry_of(policy, now, book.zone)
        if by_policy is None or counts_from is None or by_policy > counts_from:
            return by_policy
        return expiry_of(policy, counts_from, book.zone)
    if counts_from is not None and asked <= counts_from:
        message = "Points have to last longer than until they count."
        raise Invalid.at("/expires_at", "expires_too_early", message)
    return asked
