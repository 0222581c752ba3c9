"""The words that leads are found by: folded, so that equal-looking ones compare equal.

A query's word finds what begins with it. Chinese, Japanese and Korean names are written without
blanks, so of such a run every end is a term, too: 小明 finds 王小明. Terms are compared by text
ranges alone, which is what an index serves under row-level security.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sales.leads.domain import LeadDetails

MOST_WORDS = 8
"""How many words of a query count."""
_LONGEST = 50
_MOST_TERMS = 300
_CJK = "\u3041-\u30fe\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_WORDS = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_STARTS_CJK = re.compile(f"[{_CJK}]")
_SHORTEST_NUMBER = 4


def terms_of(details: LeadDetails) -> list[str]:
    """All that a lead is found by: names, e-mail, telephone number, company."""
    texts = (details.given_name, details.family_name, details.company_name, details.email)
    found = dict.fromkeys(
        [term for text in texts for term in _terms(text)] + [*_numbers(details.phone)]
    )
    whole = f"{details.family_name}{details.given_name}"
    if _STARTS_CJK.match(whole):
        found.update(dict.fromkeys(_terms(whole)))
    return list(found)[:_MOST_TERMS]


def words_of(query: str) -> list[str]:
    """The words of a query, each of which a lead has to have."""
    return _folded_words(query)[:MOST_WORDS]


def _terms(text: str) -> Iterable[str]:
    for word in _folded_words(text):
        if _STARTS_CJK.match(word):
            yield from (word[start:] for start in range(len(word)))
        else:
            yield word


def _numbers(phone: str) -> Iterable[str]:
    digits = "".join(c for c in unicodedata.normalize("NFKC", phone) if c.isdigit())
    return (digits[start:] for start in range(max(0, len(digits) - _SHORTEST_NUMBER + 1)))


def _folded_words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    folded = unicodedata.normalize("NFC", bare)
    return [word[:_LONGEST] for word in _WORDS.findall(folded)]
