"""From what somebody has typed so far to the ranges to look up: which words, which kinds, in which order to narrow.

How a plan is carried out, each step in one statement, and each only while nothing or too little was found:

1. `plan.direct`: up to HITS rows from each range, in the order of the key.
2. With several words, `plan.drivers`: count each driver's ranges up to COUNTED rows; of the rows in the ranges of the one
   with the fewest, at most SCANNED, take those that hold all its `patterns`. Where there is something in `elsewhere` too,
   and that driver has PROBED rows at most, take those whose record has a text in every group of it; otherwise read KEPT
   rows of each group, and of the rarest word's rows, NARROWED at most, take those whose record is among them: to read
   thirty thousand neighbours in an index is cheaper than to look up a thousand records here and there.
3. If nothing was found: `plan.spellings` of the words whose count was 0 (or of the rarest one, where all begin some
   name); read up to CANDIDATES dictionary words from each of their ranges, and carry out what `correction.corrected`
   makes of them: the `direct` ranges of each plan, and if those give nothing, the driver with the fewest rows.

The bounds keep the worst case short. A driver that is cut off at SCANNED holds more than one person in a hundred of
a million, so that what it is narrowed by would have to be tied to its end to be missed.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from contacts.quality.dial_plan import plan_of_region
from contacts.search.folding import Word, fold, without_blanks_in_names, words_of
from contacts.search.prefix_range import prefix_end
from contacts.search.spelling import TextRange, deletion_ranges
from contacts.search.terms import MAX_TERM, Kind

HITS = 50
COUNTED = 2_000
SCANNED = 10_000
PROBED = 300
NARROWED = 30_000
KEPT = 10_000
CANDIDATES = 100
MAX_QUERY = 100
MAX_WORDS = 6
_TURNED_ROUND = 2
_SHORTEST_NUMBER = 3
_NUMBER = re.compile(r"\+?[\d\s().\-]+")
_EMAIL = re.compile(r"[^\s@]*@[^\s@]*")
_GOOGLE_HOSTS = ("gmail.com", "googlemail.com")
_IN_KEYS = frozenset({Kind.KEY_EMAIL, Kind.KEY_PHONE})


class Range(NamedTuple):
    """Texts of one kind from `low` on and before `high`, as they are stored; `high` is None where nothing comes after.

    The kinds of one letter are ranges of `search_terms.term`, and `low` begins with that letter; KEY_EMAIL and
    KEY_PHONE are ranges of `person_keys.key` under that kind.
    """

    kind: Kind
    low: str
    high: str | None


class Driver(NamedTuple):
    """One word to narrow by: its ranges, what a term in them must hold too, and what the record must have elsewhere.

    `patterns` are for `LIKE` (they hold no wildcard but their own). They apply to terms of names, which hold the whole
    name, and so do `alternatives`, of which a term needs one if there are any; each group of
    `elsewhere` is a set of ranges of which the record needs one.
    """

    ranges: tuple[Range, ...]
    patterns: tuple[str, ...]
    elsewhere: tuple[tuple[Range, ...], ...]
    position: int | None
    """Which of the plan's words it is; None for a number or an address."""
    alternatives: tuple[str, ...] = ()


class Spelling(NamedTuple):
    """A typed word that may hold a slip, and where to look for the words it may stand for."""

    position: int
    typed: str
    finished: bool
    ranges: tuple[TextRange, ...]


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """Everything to look up for one typed text; empty (`is_empty`) where nothing in it can be searched."""

    words: tuple[Word, ...]
    marks: tuple[tuple[Range, ...], ...]
    direct: tuple[Range, ...]
    finished: bool
    """Whether a blank follows the last word, so that it is not the beginning of a longer one."""
    is_corrected: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look up."""
        return not self.direct and not self.drivers

    @property
    def phrase(self) -> str:
        """The words as the front of a stored name."""
        return _phrase(self.words)

    @property
    def drivers(self) -> tuple[Driver, ...]:
        """The ways to narrow a search of several words; none for a single one."""
        if len(self.words) + len(self.marks) <= 1:
            return ()
        patterns = tuple(pattern_of(word) for word in self.words)
        by_word = tuple(
            Driver(name_ranges(word.text), (*patterns[:i], *patterns[i + 1 :]), self.marks, i)
            for i, word in enumerate(self.words)
        )
        names = tuple(name_ranges(word.text) for word in self.words)
        by_mark = tuple(
            Driver(ranges, (), (*self.marks[:i], *self.marks[i + 1 :], *names), None)
            for i, ranges in enumerate(self.marks)
        )
        return by_mark + by_word

    @property
    def spellings(self) -> tuple[Spelling, ...]:
        """The words to look up in the dictionary when too few people are found; none in a plan made by correcting."""
        if self.is_corrected:
            return ()
        last = len(self.words) - 1
        found = (
            Spelling(
                i,
                word.text,
                finished := i < last or self.finished,
                _spelling_ranges(word, finished=finished),
            )
            for i, word in enumerate(self.words)
        )
        return tuple(spelling for spelling in found if spelling.ranges)


def with_words(plan: SearchPlan, words: Mapping[int, str]) -> SearchPlan:
    """The plan with some words corrected, by their places."""
    changed = tuple(
        Word(words[place], is_cjk=False) if place in words else word
        for place, word in enumerate(plan.words)
    )
    return _plan(changed, plan.marks, finished=plan.finished, is_corrected=True)


def parse_query(typed: str, default_region: str = "") -> SearchPlan:
    """The plan for a text as typed so far; `default_region` (ISO 3166) reads numbers in national form."""
    text = unicodedata.normalize("NFKC", typed[:MAX_QUERY])
    finished = text[-1:].isspace()
    if _NUMBER.fullmatch(text) and sum(map(str.isdigit, text)) >= _SHORTEST_NUMBER:
        return SearchPlan((), (), _number_ranges(text, default_region), finished)
    parts = text.split()
    words: list[Word] = []
    marks: list[tuple[Range, ...]] = []
    for part in parts:
        if _EMAIL.fullmatch(part) and part != "@":
            marks.append(_address_ranges(part))
        elif _NUMBER.fullmatch(part) and sum(map(str.isdigit, part)) >= _SHORTEST_NUMBER:
            marks.append(_number_ranges(part, default_region))
        else:
            words += words_of(fold(part))
    distinct = tuple(dict.fromkeys(words))[:MAX_WORDS]
    plan = _plan(distinct, tuple(marks[:MAX_WORDS]), finished=finished)
    if len(parts) == 1 and words:
        return replace(plan, direct=plan.direct + _mail_ranges(parts[0].casefold()))
    return plan


def _plan(
    words: tuple[Word, ...],
    marks: tuple[tuple[Range, ...], ...],
    *,
    finished: bool,
    is_corrected: bool = False,
) -> SearchPlan:
    if marks:
        direct = marks[0] if len(marks) == 1 and not words else ()
    else:
        phrase = _phrase(words)
        direct = name_ranges(phrase) if phrase else ()
        if len(words) == _TURNED_ROUND:
            direct += name_ranges(_phrase(words[::-1]))
    return SearchPlan(words, marks, direct, finished, is_corrected)


def _phrase(words: tuple[Word, ...]) -> str:
    return without_blanks_in_names(" ".join(word.text for word in words))


def _ranges(kind: Kind, prefix: str) -> tuple[Range, ...]:
    if not prefix:
        return ()
    low = (prefix if kind in _IN_KEYS else kind.value + prefix)[:MAX_TERM]
    return (Range(kind, low, prefix_end(low)),)


def name_ranges(prefix: str) -> tuple[Range, ...]:
    """Where names begin so, or go on so from some word of theirs."""
    return _ranges(Kind.NAME, prefix)


def pattern_of(word: Word) -> str:
    """A word of another script begins after a blank; a piece of a Chinese name may stand anywhere."""
    return f"%{word.text}%" if word.is_cjk else f"% {word.text}%"


def _mail_ranges(part: str) -> tuple[Range, ...]:
    """A single word may also begin an address or a domain."""
    return (*_ranges(Kind.MAIL, part), *_key_email_ranges(part))


def _address_ranges(part: str) -> tuple[Range, ...]:
    """A domain behind an @ sign, or the front of an address."""
    address = part.casefold()
    return _ranges(Kind.MAIL, address[1:]) if address[0] == "@" else _key_email_ranges(address)


def _key_email_ranges(address: str) -> tuple[Range, ...]:
    """The front of an address as written, and as keys have it where the mailbox may be one of Google's."""
    ranges = _ranges(Kind.KEY_EMAIL, address)
    local, at, domain = address.partition("@")
    if not any(host.startswith(domain) for host in _GOOGLE_HOSTS):
        return ranges
    key = local.partition("+")[0].replace(".", "") + at + ("gmail.com" if domain else "")
    return ranges if key == address else ranges + _ranges(Kind.KEY_EMAIL, key)


def _number_ranges(text: str, region: str) -> tuple[Range, ...]:
    digits = "".join(c for c in text if c.isdigit())
    if text.lstrip().startswith("+"):
        return _ranges(Kind.KEY_PHONE, f"+{digits}")
    if digits.startswith("00"):
        return _ranges(Kind.KEY_PHONE, f"+{digits[2:]}")
    plan = plan_of_region(region) if region else None
    trunk = plan.trunk if plan is not None and plan.trunk else "0"
    national = digits.removeprefix(trunk)
    ranges = _ranges(Kind.PHONE_END, national[::-1])
    if plan is not None:
        ranges += _ranges(Kind.KEY_PHONE, f"+{plan.calling_code}{national}")
    return ranges + _ranges(Kind.KEY_PHONE, f"+{digits}") if digits == national else ranges


def _spelling_ranges(word: Word, *, finished: bool) -> tuple[TextRange, ...]:
    return () if word.is_cjk else deletion_ranges(word.text, finished=finished)
