"""What customers read, in English and in Traditional Chinese: texts, days and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from chassis.http.words import Words, said_in
from chassis.money import minor_unit

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class QuoteWords(Words):
    """The texts in one language, and how days and texts by language are written in it."""

    @property
    def texts(self) -> Iterable[str]:
        """All of them, as they are before anything is filled in."""
        return self._texts.values()

    def day(self, day: date) -> str:
        """A day that nobody can mistake for another, whatever they are used to."""
        name = _MONTHS[day.month - 1]
        return self("day", year=day.year, month=day.month, name=name, day=day.day)

    def of(self, texts: Mapping[str, str]) -> str:
        """What a text by language says in this one, else in English, else in whichever there is."""
        return said_in(self.language, texts)


def number(value: Decimal) -> str:
    """A number with its thousands apart, without zeros that say nothing."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(value: Decimal, currency: str) -> str:
    """A unit price, which may have more decimal places than its currency, and has no fewer."""
    least, given = minor_unit(currency), number(value)
    have = len(given.partition(".")[2])
    return f"{value:,.{max(least, have)}f}"


def amount(value: Decimal) -> str:
    """An amount with its thousands apart and all its decimal places."""
    return f"{value:,f}"
