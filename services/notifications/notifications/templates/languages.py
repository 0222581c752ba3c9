"""Languages as BCP 47 tags: their normal form, and what is tried when a text has not been written in one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?")
_SCRIPT_OF = {
    "zh-CN": "Hans",
    "zh-SG": "Hans",
    "zh-MY": "Hans",
    "zh-TW": "Hant",
    "zh-HK": "Hant",
    "zh-MO": "Hant",
}
"""What is written where, when a tag does not say (CLDR's likely subtags)."""


def normal_tag(tag: str) -> str | None:
    """`zh-hant-tw` as `zh-Hant-TW`; None for what is no tag of language, script and region."""
    if _TAG.fullmatch(tag) is None:
        return None
    language, *rest = tag.split("-")
    return "-".join(
        (language.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest))
    )


def fallbacks(tag: str) -> Iterator[str]:
    """The tags to try for a reader of `tag`, the closest first.

    Nothing for a tag that is none. zh-TW is tried as zh-TW, zh-Hant-TW, zh-Hant and zh.
    """
    normal = normal_tag(tag)
    if normal is None:
        return
    yield normal
    language, *rest = normal.split("-")
    script = _SCRIPT_OF.get(normal)
    if script is not None:
        yield f"{language}-{script}-{rest[0]}"
        yield f"{language}-{script}"
    elif len(rest) == 2:
        yield f"{language}-{rest[0]}"
    if rest:
        yield language


def best_language(wanted: str, available: Collection[str], default: str) -> str | None:
    """The one of the available languages to write in; None when even the default is not there."""
    for tag in (*fallbacks(wanted), *fallbacks(default)):
        if tag in available:
            return tag
    return None
