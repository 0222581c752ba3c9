"""Texts of pages and documents by language, and which language somebody is served best with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final, TypeVar

LANGUAGES: Final = {"en": "English", "zh-Hant": "繁體中文"}
"""Language tags and what speakers call them."""

W = TypeVar("W", bound="Words")


class Words:
    """The texts in one language."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """The text, with what stands in braces filled in. Raises KeyError for an unknown key."""
        return self._texts[key].format(**values)


def catalogues(kind: type[W], package: str) -> Mapping[str, W]:
    """The texts that a package has in its folder `translations`, by language."""

    def texts(language: str) -> dict[str, str]:
        source = files(package).joinpath("translations", f"{language}.json")
        read: dict[str, str] = json.loads(source.read_text("utf-8"))
        return read

    return {language: kind(language, texts(language)) for language in LANGUAGES}


def words_for(catalogue: Mapping[str, W], wishes: Iterable[str]) -> W:
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


def said_in(language: str, texts: Mapping[str, str]) -> str:
    """What a text by language says in this one, else in English, else in whichever there is."""
    known = match(language, texts) or match("en", texts) or next(iter(texts), None)
    return "" if known is None else texts[known]
