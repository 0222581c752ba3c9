"""Configurations over REST: is a choice valid, and what does it cost; for customers themselves, too."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.domain import Invalid
from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.money import MoneyOut, decimal_out, money_out
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.unit_of_work import Reading
from sales.bundles.domain import MOST_OF_ONE, MOST_OPTIONS
from sales.names import Key
from sales.price_books.configurations import Buyer, Choice, Configuration, check, price_for
from sales.price_books.pricing import PricedLine, Pricing
from sales.transaction import SalesTx

CHECK = "sales.configurations.read"

configurations = Routes("/v1/sales/configurations", tag="products")


class ChoiceIn(Body):
    """So many pieces of an option for each piece of the product; 0 is as good as not chosen."""

    option: Key
    quantity: Annotated[int, Field(ge=0, le=MOST_OF_ONE)] = 1


class ConfigurationIn(Body):
    """What is chosen; with a currency it is priced, for the customer and the day that are named.

    The day is today unless named; days are those of UTC.
    """

    product_id: UUID
    quantity: Annotated[str, Field(max_length=20, pattern=r"^[0-9]{1,9}(\.[0-9]{1,4})?$")] = "1"
    choices: Annotated[tuple[ChoiceIn, ...], Field(max_length=MOST_OPTIONS)] = ()
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    on: date | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None


class BrokenOut(BaseModel):
    """What is wrong, in words by language.

    `requires`, `excludes`, `at_least` and `at_most` come with the key of the rule and its own
    words, `too_many` and `not_sold` with the key of the option.
    """

    code: str
    key: str
    message: dict[str, str]


class PriceStepOut(BaseModel):
    """One step towards a line's total."""

    step: str
    value: str
    because: str


class PricedLineOut(BaseModel):
    """The product itself, or what was chosen with it: what it comes to, and how."""

    product_id: UUID
    option: str | None
    sku: str
    name: dict[str, str]
    quantity: str
    unit_price: str
    tax_percent: str
    net: str
    tax: str
    total: str
    steps: list[PriceStepOut]


class PassedOverOut(BaseModel):
    """A price book that comes first and cannot price this, and what it lacks."""

    price_book_id: UUID
    because: list[str]


class PricingOut(BaseModel):
    """What it comes to, by which price book."""

    price_book_id: UUID
    price_book: dict[str, str]
    prices_include_tax: bool
    lines: list[PricedLineOut]
    net: MoneyOut
    tax: MoneyOut
    total: MoneyOut
    passed_over: list[PassedOverOut]


class CheckedOut(BaseModel):
    """Whether the choice can be sold; `pricing` only for one that can, and with a currency."""

    valid: bool
    broken: list[BrokenOut]
    pricing: PricingOut | None


@configurations.post(
    "/check", permission=CHECK, body=ConfigurationIn, returns=CheckedOut, problems=(409,)
)
def check_configuration(call: Call[SalesTx], body: ConfigurationIn) -> Reply:
    """Check a choice against the rules, and price it. Changes nothing.

    A choice that breaks rules is answered with every one of them, in its own words. 409 when it is
    valid and no price book that applies has a price for all of it.
    """
    return Reply(call.read(_checked, body))


def _checked(reading: Reading, body: ConfigurationIn) -> dict[str, Any]:
    quantity = Decimal(body.quantity)
    if not quantity:
        raise Invalid.at("/quantity", "quantity_missing", "It has to be more than 0.")
    choices = tuple(Choice(one.option, one.quantity) for one in body.choices)
    checked = check(reading, Configuration(body.product_id, quantity, choices))
    pricing = None
    if body.currency is not None and not checked.broken:
        buyer = Buyer(body.currency, body.on, body.person_id, body.company_id)
        pricing = _pricing_out(price_for(reading, checked.wanted, buyer))
    return {
        "valid": not checked.broken,
        "broken": [
            {"code": one.code, "key": one.key, "message": dict(one.message)}
            for one in checked.broken
        ],
        "pricing": pricing,
    }


def _pricing_out(pricing: Pricing) -> dict[str, Any]:
    amounts = pricing.amounts
    return {
        "price_book_id": pricing.price_book_id,
        "price_book": dict(pricing.book.name),
        "prices_include_tax": pricing.book.prices_include_tax,
        "lines": [_line_out(line) for line in pricing.lines],
        "net": money_out(amounts.net),
        "tax": money_out(amounts.tax),
        "total": money_out(amounts.total),
        "passed_over": [
            {"price_book_id": one.price_book_id, "because": list(one.because)}
            for one in pricing.passed_over
        ],
    }


def _line_out(line: PricedLine) -> dict[str, Any]:
    product = line.wanted.product
    return {
        "product_id": product.id,
        "option": line.wanted.option,
        "sku": product.details.sku,
        "name": dict(product.details.name),
        "quantity": decimal_out(line.terms.quantity),
        "unit_price": decimal_out(line.terms.unit_price),
        "tax_percent": decimal_out(line.terms.tax_percent),
        "net": f"{line.amounts.net:f}",
        "tax": f"{line.amounts.tax:f}",
        "total": f"{line.amounts.total:f}",
        "steps": [
            {"step": one.step, "value": decimal_out(one.value), "because": one.because}
            for one in line.steps
        ],
    }
