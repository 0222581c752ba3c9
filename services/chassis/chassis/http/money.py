"""Money and decimal numbers as the REST face takes and shows them: decimal strings, never floats."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from chassis.domain import Invalid, Money, Violation
from chassis.http.body import Body
from chassis.money import money

_PLAIN = r"^-?[0-9]{1,18}(\.[0-9]{1,10})?$"
_PLAIN_POSITIVE = r"^[0-9]{1,18}(\.[0-9]{1,10})?$"


class MoneyIn(Body):
    """An amount as a decimal string, and the ISO 4217 code of its currency."""

    amount: Annotated[str, Field(max_length=30, pattern=_PLAIN)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class MoneyOut(BaseModel):
    """An amount as a decimal string, and the ISO 4217 code of its currency."""

    amount: str
    currency: str


DecimalIn = Annotated[str, Field(max_length=30, pattern=_PLAIN_POSITIVE)]
"""A number that is not negative, as a decimal string."""


def _is_percentage(text: str) -> str:
    if Decimal(text) > 100:
        raise ValueError("has to be at most 100")
    return text


PercentIn = Annotated[
    str,
    Field(max_length=10, pattern=r"^[0-9]{1,3}(\.[0-9]{1,4})?$"),
    AfterValidator(_is_percentage),
]
"""A percentage from 0 to 100 as a decimal string, with up to four places."""


def money_in(body: MoneyIn, pointer: str) -> Money:
    """The money that a body gives at `pointer`. Raises `Invalid` that points below it."""
    return pointed(pointer, lambda: money(body.amount, body.currency))


def worth_in(body: MoneyIn, pointer: str) -> Money:
    """The same for what something is worth or costs, which is never below zero."""
    given = money_in(body, pointer)
    if given.amount < 0:
        raise Invalid.at(pointer, "amount_negative", "The amount has to be zero or more.")
    return given


def money_out(given: Money | None) -> dict[str, str] | None:
    """Money as the API shows it: with all its decimal places, never with an exponent."""
    return None if given is None else amount_out(given.amount, given.currency)


def amount_out(amount: Decimal, currency: str) -> dict[str, str]:
    """An amount in a currency as the API shows it."""
    return {"amount": f"{amount:f}", "currency": currency}


def decimal_out(value: Decimal) -> str:
    """A decimal number as the API shows it: without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def pointed(pointer: str, make: Callable[[], Money]) -> Money:
    """What `make` gives; an `Invalid` of it is raised again with its places below `pointer`."""
    try:
        return make()
    except Invalid as error:
        wrong = tuple(
            Violation(pointer + one.pointer, one.code, one.message) for one in error.violations
        )
        raise Invalid(error.message, violations=wrong) from None
