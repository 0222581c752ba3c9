"""The steps that all operations of the ledger share: find, plan, write, tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from chassis.domain import Fact
from loyalty.expiry.domain import idle_from
from loyalty.ledger.book import Book
from loyalty.ledger.domain import Account, Cause, Movement, Posting
from loyalty.ledger.due import catch_up
from loyalty.ledger.moves import Moves
from loyalty.ledger.storage import Draft
from loyalty.ledger.telling import movement
from loyalty.transaction import LoyaltyTx


def begin(
    tx: LoyaltyTx, member_id: UUID, cause: Cause, *, about: Cause | None = None, need: int = 0
) -> Book:
    """A member's ledger, locked, in which nothing is overdue. Raises `NotFound`."""
    book = tx.ledger.open(member_id, cause, about=about, need=need)
    if book.overdue and book.found is None:
        catch_up(tx, book)
        book = tx.ledger.open(member_id, cause, about=about, need=need)
    return book


def give_back(
    tx: LoyaltyTx, book: Book, moves: Moves, source: Account, what: tuple[UUID, int]
) -> None:
    """Free so many points of a lot, by the id that it was earned as, or expire them: what its time says."""
    root_id, points = what
    now = tx.clock.now()
    for lot in reversed(moves.lots.values()):
        if lot.root_id == root_id:
            some = min(points, moves.held(lot.id, source))
            target = Account.EXPIRED if book.is_over(lot, now) else Account.AVAILABLE
            if some > 0:
                moves.move(lot.id, source, target, some)
                points -= some


def add(tx: LoyaltyTx, book: Book, moves: Moves, draft: Draft) -> Posting:
    """Write what was planned, with what lots owe settled by what others have."""
    moves.settle()
    now = tx.clock.now()
    if draft.active:
        # Whatever the member does while points are pending, these last beyond when they count.
        kept = book.idle_at if book.pending else None
        times = (idle_from(book.policies.expiry, now, book.zone), draft.idle_at, kept)
        draft = replace(draft, idle_at=max(filter(None, times), default=None))
    return tx.ledger.add(book, draft, moves.entries(), book.time_of(now))


def told(tx: LoyaltyTx, book: Book, posting: Posting, tell: Callable[[Movement], Fact]) -> Posting:
    """Tell of what was written last; gives it."""
    tx.publish(tell(movement(book, posting)), book.member_id, book.number)
    return posting
