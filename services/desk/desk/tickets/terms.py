"""The words that tickets are found by: folded, so that equal-looking ones compare equal.

A query's word finds what begins with it. Chinese, Japanese and Korean are written without blanks, so
of such a run every end is a term, too: 漏水 finds 咖啡機漏水了. Terms are compared by text ranges
alone, which is what an index serves under row-level security.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MOST_WORDS = 8
"""How many words of a query count."""
_LONGEST = 50
_MOST_TERMS = 300
_CJK = "\u3041-\u30fe\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_WORDS = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_STARTS_CJK = re.compile(f"[{_CJK}]")


def terms_of(subject: str, shown_number: str, number: int, address: str) -> list[str]:
    """All that a ticket is found by: its number, words of its subject, who has asked."""
    whole = _folded(shown_number).strip()[:_LONGEST]
    found = dict.fromkeys([whole, str(number), *_terms(subject), *_terms(address)])
    return list(found)[:_MOST_TERMS]


def words_of(query: str) -> list[str]:
    """The words of a query, each of which a ticket has to have; a whole number is one word."""
    words: list[str] = []
    for part in _folded(query).split():
        words += [part[:_LONGEST]] if _IS_NUMBER.fullmatch(part) else _WORDS.findall(part)
    return [word[:_LONGEST] for word in words][:MOST_WORDS]


def _terms(text: str) -> Iterable[str]:
    for word in _WORDS.findall(_folded(text)):
        if _STARTS_CJK.match(word):
            yield from (word[start : start + _LONGEST] for start in range(len(word)))
        else:
            yield word[:_LONGEST]


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


_IS_NUMBER = re.compile(r"[a-z0-9]{0,10}-\d{1,19}")
"""What looks like a ticket's number, such as `t-1042`."""
