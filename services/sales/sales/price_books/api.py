"""Price books and prices over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.price_books import operations, queries
from sales.price_books.domain import PriceBook
from sales.price_books.models import (
    ApplyingOut,
    ApplyingQuery,
    PriceBookIn,
    PriceBookOut,
    PriceBookPatch,
    PriceIn,
    PriceOut,
    changed,
    price_shown,
    shown,
    terms_in,
    tiers_in,
)
from sales.transaction import SalesTx

READ = "sales.price_books.read"
WRITE = "sales.price_books.write"

price_books = Routes("/v1/sales/price-books", tag="price books")
_PRICE = "/<uuid:price_book_id>/prices/<uuid:product_id>"


@price_books.get("", permission=READ, listing=queries.PRICE_BOOKS, returns=PriceBookOut)
def list_price_books(call: Call[SalesTx], listing: Listing) -> Reply:
    """List price books, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_price_books, listing))


@price_books.post(
    "", permission=WRITE, body=PriceBookIn, returns=PriceBookOut, status=201, problems=(409,)
)
def define_price_book(call: Call[SalesTx], body: PriceBookIn) -> Response:
    """Define a price book: for whom, when, in which currency, and the taxes by tax class."""
    terms = terms_in(body)

    def reply(_tx: SalesTx, book: PriceBook) -> Reply:
        return Reply.created(f"{price_books.prefix}/{book.id}", shown(book), book.version)

    return call.run(lambda tx: operations.define_price_book(tx, terms), reply)


@price_books.get(
    "/applying", permission=READ, query=ApplyingQuery, returns=ApplyingOut, problems=(422,)
)
def get_applying_price_books(call: Call[SalesTx], query: ApplyingQuery) -> Reply:
    """Get the price books that hold for a customer on a day, in the order in which they are tried."""
    asked = (query.currency, query.on, query.person_id, query.company_id)
    return Reply(call.read(queries.applying, *asked))


@price_books.get("/<uuid:price_book_id>", permission=READ, returns=PriceBookOut)
def get_price_book(call: Call[SalesTx], price_book_id: UUID) -> Reply:
    """Get a price book."""
    book = call.read(queries.get_price_book, price_book_id)
    return Reply(book, version=book["version"])


@price_books.patch(
    "/<uuid:price_book_id>",
    permission=WRITE,
    body=PriceBookPatch,
    returns=PriceBookOut,
    problems=(409,),
)
def redefine_price_book(call: Call[SalesTx], body: PriceBookPatch, price_book_id: UUID) -> Response:
    """Change for whom a price book is and when; what was sold by it stays as it was."""
    return call.run(
        lambda tx: operations.redefine_price_book(
            tx, price_book_id, lambda old: changed(old, body)
        ),
        _shown,
    )


@price_books.delete("/<uuid:price_book_id>", permission=WRITE)
def archive_price_book(call: Call[SalesTx], price_book_id: UUID) -> Response:
    """Archive a price book: nothing is sold by it any more."""
    return call.run(
        lambda tx: operations.archive_price_book(tx, price_book_id),
        lambda _tx, _book: Reply.nothing(),
    )


@price_books.post("/<uuid:price_book_id>/restore", permission=WRITE, returns=PriceBookOut)
def restore_price_book(call: Call[SalesTx], price_book_id: UUID) -> Response:
    """Take an archived price book back into use."""
    return call.run(lambda tx: operations.restore_price_book(tx, price_book_id), _shown)


@price_books.get(
    "/<uuid:price_book_id>/prices", permission=READ, listing=queries.PRICES, returns=PriceOut
)
def list_prices(call: Call[SalesTx], listing: Listing, price_book_id: UUID) -> Reply:
    """List what products cost by a price book."""
    return Reply(call.read(queries.list_prices, price_book_id, listing))


@price_books.get(_PRICE, permission=READ, returns=PriceOut)
def get_price(call: Call[SalesTx], price_book_id: UUID, product_id: UUID) -> Reply:
    """Get what a product costs by a price book."""
    price = call.read(queries.get_price, price_book_id, product_id)
    return Reply(price, version=price["version"])


@price_books.put(
    _PRICE,
    permission=WRITE,
    body=PriceIn,
    returns=PriceOut,
    conditional=True,
    otherwise=201,
    problems=(409,),
)
def set_price(
    call: Call[SalesTx], body: PriceIn, price_book_id: UUID, product_id: UUID
) -> Response:
    """Say what a product costs by a price book. 201 for the first time, 200 from then on."""

    def reply(_tx: SalesTx, priced: operations.Priced) -> Reply:
        one = priced.price
        if priced.new:
            path = f"{price_books.prefix}/{price_book_id}/prices/{product_id}"
            return Reply.created(path, price_shown(one), one.version)
        return Reply(price_shown(one), version=one.version)

    tiers = tiers_in(body)
    return call.run(lambda tx: operations.set_price(tx, price_book_id, product_id, tiers), reply)


@price_books.delete(_PRICE, permission=WRITE)
def remove_price(call: Call[SalesTx], price_book_id: UUID, product_id: UUID) -> Response:
    """Have a price book price a product no more."""
    return call.run(
        lambda tx: operations.remove_price(tx, price_book_id, product_id),
        lambda _tx, _price: Reply.nothing(),
    )


def _shown(_tx: SalesTx, book: PriceBook) -> Reply:
    return Reply(shown(book), version=book.version)
