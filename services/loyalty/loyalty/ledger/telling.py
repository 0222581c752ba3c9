"""What facts say of a transaction of the ledger."""

from __future__ import annotations

from loyalty.ledger.book import Book
from loyalty.ledger.domain import Movement, Posting


def movement(book: Book, posting: Posting) -> Movement:
    """The transaction that was added last to a book, with what the member has after it."""
    return Movement(
        posting=posting,
        program_id=book.program_id,
        person_id=book.person_id,
        number=book.number,
        pending=book.pending,
        available=book.available,
        reserved=book.reserved,
    )
