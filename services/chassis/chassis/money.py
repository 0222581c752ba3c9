"""Amounts of money as services compute with them: minor units, rounding, and shares that add up.

The rounding rule of every service: an amount is rounded half up, away from zero (0.125 becomes
0.13, -0.125 becomes -0.13), to the minor unit of its currency, once for each line of a document.
Sums are sums of rounded amounts, so that what a customer adds up by hand is what the document says.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction

from chassis.domain import Invalid, Money

_NO_MINOR_UNIT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_TWO_PLACES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES
WST XCD YER ZAR ZMW ZWG
"""
_THREE_PLACES = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_PLACES = "CLF UYW"

MINOR_UNITS: dict[str, int] = {
    code: places
    for codes, places in (
        (_NO_MINOR_UNIT, 0),
        (_TWO_PLACES, 2),
        (_THREE_PLACES, 3),
        (_FOUR_PLACES, 4),
    )
    for code in codes.split()
}
"""How many decimal places each currency in use has, as ISO 4217 lists them."""

LARGEST = Decimal(10) ** 15
"""No amount reaches this; with four places it still fits the columns that keep it."""

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def minor_unit(currency: str) -> int:
    """The decimal places of a currency. Raises `Invalid` for one that ISO 4217 does not list."""
    places = MINOR_UNITS.get(currency)
    if places is None:
        raise Invalid.at(
            "/currency", "currency_unknown", f"{currency!r} is no currency of ISO 4217 in use."
        )
    return places


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole minor units, half up."""
    with localcontext(EXACT):
        return amount.quantize(Decimal(1).scaleb(-minor_unit(currency)))


def money(amount: str | Decimal, currency: str) -> Money:
    """An amount that somebody has entered.

    Raises `Invalid` for an unknown currency, for more decimal places than the currency has, and for
    an amount of 10^15 or more. Nothing that is entered is rounded.
    """
    given = Money.of(amount, currency)
    places = minor_unit(currency)
    if abs(given.amount) >= LARGEST:
        raise Invalid.at("/amount", "amount_too_large", f"Amounts stay below {LARGEST:f}.")
    whole = rounded(given.amount, currency)
    if whole != given.amount:
        raise Invalid.at(
            "/amount",
            "amount_too_fine",
            f"{currency} has {places} decimal places, and {given.amount:f} has more.",
        )
    return Money(whole + 0, currency)  # + 0: there is no negative nothing


def nothing(currency: str) -> Money:
    """No money, in this currency."""
    return Money(rounded(Decimal(0), currency), currency)


def total(amounts: Sequence[Decimal], currency: str) -> Money:
    """The sum of amounts in one currency."""
    with localcontext(EXACT):
        return Money(sum(amounts, rounded(Decimal(0), currency)), currency)


def apportioned(amount: Money, weights: Sequence[Decimal]) -> list[Decimal]:
    """The amount split by weights, in whole minor units that add up to it exactly.

    Each gets its share cut off at the minor unit, and the units that are left over go one each to
    the largest remainders (Hamilton's method); between equal remainders the larger weight, then the
    earlier place comes first. Without any weight all of it is the first one's. Raises ValueError
    for no weights, or a negative one.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("weights have to be there, and must not be negative")
    places = minor_unit(amount.currency)
    units = int(amount.amount.scaleb(places, EXACT))
    sign, units = (-1 if units < 0 else 1), abs(units)
    whole = sum(map(Fraction, weights), Fraction(0))
    if not whole:
        shares = [units] + [0] * (len(weights) - 1)
    else:
        exact = [units * Fraction(weight) / whole for weight in weights]
        shares = [int(share) for share in exact]
        ahead = sorted(range(len(weights)), key=lambda n: (shares[n] - exact[n], -weights[n], n))
        for place in ahead[: units - sum(shares)]:
            shares[place] += 1
    return [Decimal(sign * share).scaleb(-places, EXACT) + 0 for share in shares]
