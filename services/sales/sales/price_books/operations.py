"""What administrators do to price books and prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from chassis.domain import Conflict, NotFound
from sales.price_books.domain import Price, PriceBook, PriceBookTerms, Tier
from sales.products.storage import products_by_id
from sales.transaction import SalesTx

MOST_BOOKS = 500


@dataclass(frozen=True, slots=True)
class Priced:
    """A price that holds now; `new` unless the product had one in the book."""

    price: Price
    new: bool


def define_price_book(tx: SalesTx, terms: PriceBookTerms) -> PriceBook:
    """Define a price book. Raises `Invalid`, `Conflict` when there are too many."""
    if tx.price_books.count() >= MOST_BOOKS:
        message = f"There are {MOST_BOOKS} price books already."
        raise Conflict(message, code="too_many_price_books")
    now = tx.clock.now()
    book = PriceBook(id=tx.ids.new(), terms=terms, created_at=now, updated_at=now)
    book.define()
    tx.price_books.add(book)
    return book


def redefine_price_book(
    tx: SalesTx, price_book_id: UUID, change: Callable[[PriceBookTerms], PriceBookTerms]
) -> PriceBook:
    """Change for whom a book is and when. Raises `NotFound`, `Invalid`, `Conflict`."""
    book = tx.price_books.get(price_book_id)
    book.redefine(change(book.terms), tx.clock.now())
    return book


def archive_price_book(tx: SalesTx, price_book_id: UUID) -> PriceBook:
    """Sell nothing by a book any more. Raises `NotFound`."""
    book = tx.price_books.get(price_book_id)
    book.archive(tx.clock.now())
    return book


def restore_price_book(tx: SalesTx, price_book_id: UUID) -> PriceBook:
    """Take an archived book back into use. Raises `NotFound`."""
    book = tx.price_books.get(price_book_id)
    book.restore(tx.clock.now())
    return book


def set_price(
    tx: SalesTx, price_book_id: UUID, product_id: UUID, tiers: tuple[Tier, ...]
) -> Priced:
    """Say what a product costs by a book.

    Raises `NotFound` without the book, `Conflict` for an archived one, `Invalid`,
    `PreconditionFailed`. The book is locked, so that two who set a price of it take turns.
    """
    tx.price_books.get(price_book_id).require_active()
    if product_id not in products_by_id(tx, [product_id]):
        raise NotFound.of("product", product_id)
    known, now = tx.prices.of_product(price_book_id, product_id), tx.clock.now()
    tx.require_version(known)
    if known is not None:
        known.change(tiers, now)
        return Priced(known, new=False)
    price = Price(
        id=tx.ids.new(),
        price_book_id=price_book_id,
        product_id=product_id,
        tiers=tiers,
        created_at=now,
        updated_at=now,
    )
    price.begin()
    tx.prices.add(price)
    return Priced(price, new=True)


def remove_price(tx: SalesTx, price_book_id: UUID, product_id: UUID) -> Price:
    """Have a book price a product no more. Raises `NotFound`, `PreconditionFailed`."""
    tx.price_books.get(price_book_id)
    known = tx.prices.of_product(price_book_id, product_id)
    if known is None:
        raise NotFound.of("price of product", product_id)
    tx.require_version(known)
    known.take_back()
    tx.prices.remove(known)
    return known
