"""Tolerates slips of the pen by symmetric deletion: words that agree after dropping a letter or two are close.

Each word of the dictionary is stored under its front part with every choice of one letter (two for long words) left
out; a typed word is treated the same way and looked up. What is found is then measured properly. It also serves words
that are not finished: where the typed front part is one slip away from the front of a word, one of its deletions is a
prefix of one of the word's, so the look-up is by prefix ranges:

    search_words(tenant_id, word)                   the distinct words of names and companies
    search_deletions(tenant_id, deletion, word)     the key; deletion COLLATE "C"

Distance is optimal string alignment (an inserted, missing, wrong letter or two swapped ones count one each); the limit
is 1 for words from 4 letters on and 2 from 8 on, by the shorter of the two words. Unfinished words are corrected from
5 letters on: shorter ones are still found by completing them.
"""

from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from rapidfuzz.distance import OSA

from contacts.search.prefix_range import prefix_end
from contacts.search.terms import is_correctable

STEM = 7
MAX_CORRECTIONS = 6
_TWO_SLIPS_FROM = 8
_UNFINISHED_FROM = 5


class TextRange(NamedTuple):
    """Texts from `low` on and before `high`; `high` is None where nothing comes after."""

    low: str
    high: str | None


def allowed_slips(word: str) -> int:
    """How many slips a word of that length is forgiven."""
    if not is_correctable(word):
        return 0
    return 2 if len(word) >= _TWO_SLIPS_FROM else 1


@lru_cache(maxsize=8_192)
def deletions(word: str) -> frozenset[str]:
    """The keys under which a dictionary word is stored: its first 7 letters with up to 1 or 2 of them left out."""
    stem = word[:STEM]
    keys = {stem}
    for count in range(1, allowed_slips(word) + 1):
        keys.update("".join(kept) for kept in combinations(stem, len(stem) - count))
    return frozenset(keys) if allowed_slips(word) else frozenset()


def deletion_ranges(typed: str, *, finished: bool) -> tuple[TextRange, ...]:
    """Where to look in `search_deletions` for words that a typed one may stand for; empty where it is too short.

    The ranges of a finished short word hold one text each; the others are open for the rest of an unfinished one.
    """
    if not allowed_slips(typed):
        return ()
    keys = sorted(deletions(typed))
    if len(typed) < _UNFINISHED_FROM or (finished and len(typed) < STEM):
        return tuple(TextRange(key, f"{key}\x01") for key in keys)
    ranges: list[TextRange] = []
    for key in keys:
        if not ranges or not key.startswith(ranges[-1].low):
            ranges.append(TextRange(key, prefix_end(key)))
    return tuple(ranges)


def slips(typed: str, word: str, *, finished: bool) -> int | None:
    """The distance of a typed word from a dictionary word, or from its front while it is unfinished.

    None where it is more than both words are forgiven.
    """
    limit = min(allowed_slips(typed), allowed_slips(word))
    best = OSA.distance(typed, word, score_cutoff=limit)
    if not finished and len(typed) >= _UNFINISHED_FROM:
        limit = allowed_slips(typed)
        for length in range(len(typed) - limit, min(len(typed) + limit, len(word)) + 1):
            best = min(best, OSA.distance(typed, word[:length], score_cutoff=limit))
    return best if best <= limit else None


def corrections(typed: str, words: frozenset[str], *, finished: bool) -> tuple[str, ...]:
    """The best few of the words that were found, nearest first; the typed word itself is no correction."""
    measured = ((slips(typed, word, finished=finished), word) for word in words if word != typed)
    near = sorted((s, abs(len(w) - len(typed)), w) for s, w in measured if s is not None)
    return tuple(word for _, _, word in near[:MAX_CORRECTIONS])
