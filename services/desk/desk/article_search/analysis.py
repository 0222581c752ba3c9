"""What a text is found by: its terms, the same for articles and for what is looked for.

Text is folded first: compatibility forms (full-width letters, ligatures), case and the accents of Latin
letters make no difference. What comes between letters and digits separates words.

**Chinese, Japanese and Korean** write no blanks, so a run of their characters has a term for every two
that stand beside each other, which finds any piece of a sentence without a dictionary; and one for each
character, which nobody but a query of one character asks for.

**Other words** are reduced to their English stems (Snowball's English stemmer, Porter 2001), so that
"cleaning" finds "cleaned". Words of other languages mostly stay what they are. Words that stand in
nearly every English sentence are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

import snowballstemmer

LONGEST_TERM: Final = 40
_STOP_WORDS: Final = frozenset(
    "a an and are as at be by can do for from has have how i if in is it my no not of on or so that the"
    " their then there this to was we what when where which who will with you your".split()
)
_CJK: Final = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003134f"
)
_PIECES: Final = re.compile(f"([{_CJK}]+)|([^\\W_{_CJK}]+)")
_REMEMBERED: Final = 50_000


def terms_of(text: str) -> Counter[str]:
    """The terms that a text is found by, and how often each is in it."""
    counted: Counter[str] = Counter()
    for run, word in _pieces(text):
        if run:
            counted.update(run)
            counted.update(_pairs(run))
        else:
            counted.update(_stems(word))
    return counted


def asked_terms(text: str) -> Counter[str]:
    """The terms that what somebody looks for asks for: of a run of two or more, no single characters."""
    counted: Counter[str] = Counter()
    for run, word in _pieces(text):
        if run:
            counted.update(_pairs(run) if len(run) > 1 else [run])
        else:
            counted.update(_stems(word))
    return counted


def weighted(fields: Iterable[tuple[str, int]]) -> tuple[Mapping[str, int], int]:
    """The terms of several texts, each worth its weight, and how long they are together.

    A term's frequencies are added up before they are saturated, as Robertson, Zaragoza and Taylor
    have shown to be right for fields ("Simple BM25 extension to multiple weighted fields", 2004).
    """
    total: Counter[str] = Counter()
    for text, weight in fields:
        for term, times in terms_of(text).items():
            total[term] += times * weight
    return total, sum(total.values())


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Runs of characters without blanks, and words, in order; one of the two is empty."""
    for piece in _PIECES.finditer(_folded(text)):
        yield piece[1] or "", piece[2] or ""


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return folded
    # Hangul would come apart as well, so it is put together again.
    apart = unicodedata.normalize("NFD", folded)
    bare = "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", bare)


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


def _stems(word: str) -> list[str]:
    if word in _STOP_WORDS:
        return []
    return [_stem(word)[:LONGEST_TERM]]


@lru_cache(_REMEMBERED)
def _stem(word: str) -> str:
    # A stemmer has a state of its own while it works, so each word gets one.
    if not (word.isascii() and word.isalpha()) or len(word) > LONGEST_TERM:
        return word
    return str(snowballstemmer.stemmer("english").stemWord(word))
