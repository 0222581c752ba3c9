"""The texts of pages and mails, in every language that the platform speaks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Final

from babel.dates import format_datetime

LANGUAGES: Final = {"en": "English", "zh-Hant": "繁體中文"}
"""Language tags and what speakers call them."""

_BABEL = {"en": "en", "zh-Hant": "zh_Hant_TW"}


class Words:
    """The texts in one language."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """The text, with what stands in braces filled in. Raises KeyError for an unknown key."""
        return self._texts[key].format(**values)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def time(self, moment: datetime) -> str:
        """A moment, in UTC, as readers of the language write it."""
        shown = format_datetime(moment, "medium", locale=_BABEL[self.language])
        return f"{shown} UTC"


def _texts(language: str) -> dict[str, str]:
    source = files("identity.pages").joinpath("translations", f"{language}.json")
    texts: dict[str, str] = json.loads(source.read_text("utf-8"))
    return texts


CATALOGUES: Final = {language: Words(language, _texts(language)) for language in LANGUAGES}


def words_for(*wishes: str | None, accepted: Iterable[str] = ()) -> Words:
    """The texts in the first of these languages that there is; English when there is none.

    Everybody who reads Chinese gets the one kind that there is.
    """
    for wish in (*wishes, *accepted):
        tag = (wish or "").replace("_", "-").lower()
        for language, words in CATALOGUES.items():
            if tag == language.lower() or (tag and tag.split("-")[0] == language.split("-")[0]):
                return words
    return CATALOGUES["en"]
