"""The texts of the page, in English and in Traditional Chinese."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final

LANGUAGES: Final = {"en": "English", "zh-Hant": "繁體中文"}
"""Language tags and what speakers call them."""


class Words:
    """The texts in one language."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """The text, with what stands in braces filled in. Raises KeyError for an unknown key."""
        return self._texts[key].format(**values)


def _texts(language: str) -> dict[str, str]:
    source = files("contacts.confirmation_page").joinpath("translations", f"{language}.json")
    texts: dict[str, str] = json.loads(source.read_text("utf-8"))
    return texts


CATALOGUES: Final = {language: Words(language, _texts(language)) for language in LANGUAGES}


def words_for(wishes: Iterable[str]) -> Words:
    """The texts in the first of these languages that there is; English when there is none."""
    for wish in wishes:
        language = match(wish, CATALOGUES)
        if language is not None:
            return CATALOGUES[language]
    return CATALOGUES["en"]


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
