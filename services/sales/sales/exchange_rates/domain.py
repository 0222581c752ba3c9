"""What a tenant's money is worth: its base currency, and dated rates into it.

A rate says how much of the base currency one unit of another is worth, from a day on until the next
rate. What was valued once stays as it was, with the rate and the day by which it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Money, Unpublished
from chassis.money import EXACT, LARGEST, minor_unit, rounded

_PLACES = Decimal("1e-10")
_LARGEST_RATE = Decimal(10) ** 10


@dataclass(frozen=True, slots=True)
class CurrencySettingsChanged(Fact):
    """The tenant adds up in this currency."""

    currency: str


@dataclass(frozen=True, slots=True)
class CurrencySettingsInUse(Unpublished):
    """Something was valued in it, so it stays."""


@dataclass(frozen=True, slots=True)
class ExchangeRateEntered(Fact):
    """A rate is known."""

    rate_id: UUID
    currency: str
    base_currency: str
    rate: Decimal
    valid_from: date


@dataclass(frozen=True, slots=True)
class ExchangeRateCorrected(Fact):
    """A rate was wrong."""

    rate_id: UUID
    rate: Decimal


@dataclass(frozen=True, slots=True)
class ExchangeRateRemoved(Fact):
    """A rate was taken back."""

    rate_id: UUID


@dataclass(frozen=True, slots=True)
class Valued:
    """Money and what it is worth in the base currency, by which rate and on which day."""

    given: Money
    base: Money
    rate: Decimal
    on: date


@dataclass(kw_only=True)
class CurrencySettings(Aggregate):
    """In which currency a tenant adds up; there is one for a tenant."""

    base_currency: str | None = None
    in_use: bool = False

    def choose(self, currency: str) -> None:
        """Add up in this currency from now on.

        Raises `Invalid` for an unknown currency, `Conflict` when something was valued in another.
        """
        if currency == self.base_currency:
            return
        minor_unit(currency)
        if self.in_use:
            raise Conflict(
                f"Amounts were valued in {self.base_currency} already; they could not be added up"
                " with those in another currency.",
                code="base_currency_in_use",
            )
        self.base_currency = currency
        self.record(CurrencySettingsChanged(currency))

    def take_into_use(self) -> None:
        """Have the currency stay: something is valued in it."""
        if not self.in_use:
            self.in_use = True
            self.record(CurrencySettingsInUse())


@dataclass(kw_only=True)
class ExchangeRate(Aggregate):
    """How much of the base currency one unit of another is worth, from a day on."""

    currency: str
    base_currency: str
    rate: Decimal
    valid_from: date
    created_at: datetime
    updated_at: datetime

    @classmethod
    def enter(
        cls,
        rate_id: UUID,
        pair: tuple[str, str],
        rate: Decimal,
        valid_from: date,
        now: datetime,
    ) -> ExchangeRate:
        """A new rate for a currency and the base. Raises `Invalid` for one that cannot be."""
        currency, base_currency = pair
        minor_unit(currency)
        if currency == base_currency:
            message = f"{currency} is the base currency: it is always worth 1."
            raise Invalid.at("/currency", "rate_of_base_currency", message)
        entered = cls(
            id=rate_id,
            currency=currency,
            base_currency=base_currency,
            rate=_checked(rate),
            valid_from=valid_from,
            created_at=now,
            updated_at=now,
        )
        entered.record(ExchangeRateEntered(rate_id, currency, base_currency, rate, valid_from))
        return entered

    def correct(self, rate: Decimal, now: datetime) -> None:
        """Have another rate hold on these days; what was valued stays as it was."""
        if _checked(rate) != self.rate:
            self.rate, self.updated_at = rate, now
            self.record(ExchangeRateCorrected(self.id, rate))

    def take_back(self) -> None:
        """Have the rate before it hold instead."""
        self.record(ExchangeRateRemoved(self.id))


def valued(given: Money, base_currency: str, rate: Decimal, on: date) -> Valued:
    """What money is worth by a rate, rounded once to the base currency's minor unit.

    Raises `Invalid` when it would be more than any amount may be.
    """
    worth = rounded(EXACT.multiply(given.amount, rate), base_currency)
    if abs(worth) >= LARGEST:
        message = f"In {base_currency} this is more than any amount may be."
        raise Invalid.at("/amount", "amount_too_large", message)
    return Valued(given, Money(worth, base_currency), rate, on)


def _checked(rate: Decimal) -> Decimal:
    if not 0 < rate < _LARGEST_RATE:
        message = f"A rate is greater than 0 and less than {_LARGEST_RATE:f}."
        raise Invalid.at("/rate", "rate_impossible", message)
    if rate != rate.quantize(_PLACES, context=EXACT):
        raise Invalid.at("/rate", "rate_too_fine", "A rate has at most 10 decimal places.")
    return rate
