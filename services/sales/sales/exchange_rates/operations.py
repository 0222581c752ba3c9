"""What administrators do to rates, and the valuing that every slice with amounts asks for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from chassis.domain import Conflict, Money
from sales.exchange_rates.domain import CurrencySettings, ExchangeRate, Valued, valued
from sales.exchange_rates.storage import base_currency_of, rate_in_force
from sales.transaction import SalesTx


def choose_base_currency(tx: SalesTx, currency: str) -> CurrencySettings:
    """Have the tenant add up in this currency. Raises `Invalid`, `Conflict` once one is in use."""
    settings = tx.currency_settings.of_tenant()
    settings.choose(currency)
    return settings


def enter_rate(tx: SalesTx, currency: str, rate: Decimal, valid_from: date) -> ExchangeRate:
    """Enter a rate into the base currency.

    Raises `Invalid`, `Conflict` when there is one of that day or no base currency yet.
    """
    base, _ = base_currency_of(tx)
    if base is None:
        raise base_currency_missing()
    pair = (currency, base)
    entered = ExchangeRate.enter(tx.ids.new(), pair, rate, valid_from, tx.clock.now())
    tx.exchange_rates.add(entered)
    return entered


def correct_rate(tx: SalesTx, rate_id: UUID, rate: Decimal) -> ExchangeRate:
    """Correct a rate; what was valued by it stays. Raises `NotFound`, `Invalid`."""
    known = tx.exchange_rates.get(rate_id)
    known.correct(rate, tx.clock.now())
    return known


def remove_rate(tx: SalesTx, rate_id: UUID) -> ExchangeRate:
    """Take a rate back. Raises `NotFound`."""
    known = tx.exchange_rates.get(rate_id)
    known.take_back()
    tx.exchange_rates.remove(known)
    return known


def value_in_base(tx: SalesTx, given: Money, on: date | None = None) -> Valued:
    """What money is worth in the tenant's base currency, today unless another day is named.

    Raises `Conflict` when the tenant has no base currency or no rate holds on that day. Days are
    those of UTC. The base currency stays from now on.
    """
    on = on or tx.clock.now().date()
    base = base_currency_from_now_on(tx)
    if given.currency == base:
        return Valued(given, given, Decimal(1), on)
    found = rate_in_force(tx, given.currency, base, on)
    if found is None:
        raise Conflict(
            f"No exchange rate from {given.currency} to {base} holds on {on}; enter one that does.",
            code="exchange_rate_missing",
        )
    return valued(given, base, found[0], on)


def base_currency_from_now_on(tx: SalesTx) -> str:
    """The tenant's base currency, which stays once this transaction has come through.

    Raises `Conflict` while there is none.
    """
    base, in_use = base_currency_of(tx)
    if base is None:
        raise base_currency_missing()
    if in_use:
        return base
    # Whoever chooses another at this moment comes before or after, never between.
    settings = tx.currency_settings.of_tenant()
    settings.take_into_use()
    return settings.base_currency or base


def base_currency_missing() -> Conflict:
    """The refusal to value anything before the tenant has said in what."""
    return Conflict(
        "The tenant has no base currency yet: PUT /v1/sales/currency-settings says which it is.",
        code="base_currency_missing",
    )
