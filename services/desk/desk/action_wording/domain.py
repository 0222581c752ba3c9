"""Texts with places that are filled in from a ticket: names between double braces, and nothing else.

A text is filled in once, from left to right: what is filled in is never looked at again, so a customer
who writes braces into a subject gets braces. There are no expressions, no calls, and no other names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chassis.domain import Invalid

LONGEST_TEXT = 10_000
MOST_PLACES = 50
LONGEST_VALUE = 500
NAMES = ("number", "subject", "customer_name", "queue", "product_sku")
CUSTOM = "custom."
_PLACE = re.compile(r"\{\{([^{}]*)\}\}")
_CUSTOM_KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")


def require_wording(texts: Mapping[str, str], pointer: str) -> None:
    """Raise `Invalid` at `pointer` for no text, for an empty one, and for a place of an unknown name."""
    if not texts:
        raise Invalid.at(pointer, "text_missing", "A text is needed.")
    for language, text in texts.items():
        at = f"{pointer}/{language}"
        if not text.strip() or len(text) > LONGEST_TEXT:
            message = f"A text has 1 to {LONGEST_TEXT} characters."
            raise Invalid.at(at, "text_length", message)
        names = [found.strip() for found in _PLACE.findall(text)]
        if len(names) > MOST_PLACES:
            message = f"A text has at most {MOST_PLACES} places."
            raise Invalid.at(at, "too_many_placeholders", message)
        for name in names:
            if not _is_known(name):
                known = ", ".join((*NAMES, f"{CUSTOM}<key>"))
                message = f"There is no {name[:80]!r} to fill in; there is {known}."
                raise Invalid.at(at, "placeholder_unknown", message)


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled in; what has no value leaves nothing."""
    return _PLACE.sub(lambda found: values.get(found[1].strip(), "")[:LONGEST_VALUE], text)


def in_language(texts: Mapping[str, str], *languages: str) -> str:
    """The text in the first language that there is one in: as it is, or without its region or script.

    The first of all where none fits.
    """
    for language in languages:
        wanted = language
        while wanted:
            if wanted in texts:
                return texts[wanted]
            wanted = wanted.rpartition("-")[0]
        related = sorted(one for one in texts if language and one.split("-")[0] == language)
        if related:
            return texts[related[0]]
    return texts[min(texts)]


def _is_known(name: str) -> bool:
    if name.startswith(CUSTOM):
        return _CUSTOM_KEY.fullmatch(name.removeprefix(CUSTOM)) is not None
    return name in NAMES
