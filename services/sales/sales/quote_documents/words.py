"""What customers read, in English and in Traditional Chinese: texts, days and numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Final

from sales.money.domain import minor_unit

LANGUAGES: Final = {"en": "English", "zh-Hant": "繁體中文"}
"""Language tags and what speakers call them."""
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Words:
    """The texts in one language."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    @property
    def texts(self) -> Iterable[str]:
        """All of them, as they are before anything is filled in."""
        return self._texts.values()

    def __call__(self, key: str, **values: object) -> str:
        """The text, with what stands in braces filled in. Raises KeyError for an unknown key."""
        return self._texts[key].format(**values)

    def day(self, day: date) -> str:
        """A day that nobody can mistake for another, whatever they are used to."""
        name = _MONTHS[day.month - 1]
        return self("day", year=day.year, month=day.month, name=name, day=day.day)

    def of(self, texts: Mapping[str, str]) -> str:
        """What a text by language says in this one, else in English, else in whichever there is."""
        known = match(self.language, texts) or match("en", texts) or next(iter(texts), None)
        return "" if known is None else texts[known]


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


def catalogues(package: str) -> Mapping[str, Words]:
    """The texts that a package has in its folder `translations`, by language."""

    def texts(language: str) -> dict[str, str]:
        source = files(package).joinpath("translations", f"{language}.json")
        read: dict[str, str] = json.loads(source.read_text("utf-8"))
        return read

    return {language: Words(language, texts(language)) for language in LANGUAGES}


def words_for(catalogue: Mapping[str, Words], wishes: Iterable[str]) -> Words:
    """The texts in the first of these languages that there is; English when there is none."""
    for wish in wishes:
        language = match(wish, catalogue)
        if language is not None:
            return catalogue[language]
    return catalogue["en"]


def match(wish: str, languages: Iterable[str]) -> str | None:
    """The language that somebody who wants `wish` is served best with.

    The tag itself, else any kind of the same language: everybody who reads Chinese gets the one
    kind that there is.
    """
    wanted, known = wish.replace("_", "-").lower(), list(languages)
    if not wanted:
        return None
    exact = (each for each in known if each.lower() == wanted)
    kin = (each for each in known if each.lower().split("-")[0] == wanted.split("-")[0])
    return next(exact, None) or next(kin, None)
