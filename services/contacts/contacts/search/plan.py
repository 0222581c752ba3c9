"""From what somebody has typed so far to the ranges to look up: which words, which kinds, in which order to narrow.

How a plan is carried out, each step in one statement, and each only while nothing or too little was found:

1. `plan.direct`: up to HITS rows from each range, in the order of the key.
2. With several words, `plan.drivers`: count each driver's ranges up to COUNTED rows; of the rows in the ranges of the one
   with the fewest, at most SCANNED, take those that hold all its `patterns`; where there is something in `elsewhere`, read
   PROBED at most, and take those whose record has a text in every group of it.
3. If nothing was found: `plan.spellings` of the words whose count was 0 (only what begins no name is a slip); read up to
   CANDIDATES dictionary words from each of their ranges, and carry out `plan.corrected(words)`: the `direct` ranges of
   each, and of several words the rows of `correcting_driver`.

The bounds keep the worst case short. A driver that is cut off at SCANNED holds more than one person in a hundred of
a million, so that what it is narrowed by would have to be tied to its end to be missed.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import NamedTuple

from contacts.quality.dial_plan import plan_of_region
from contacts.search.folding import Word, fold, without_blanks_in_names, words_of
from contacts.search.prefix_range import prefix_end
from contacts.search.spelling import TextRange, corrections, deletion_ranges
from contacts.search.terms import MAX_TERM, Kind

HITS = 50
COUNTED = 2_000
SCANNED = 10_000
PROBED = 2_000
CANDIDATES = 100
MAX_QUERY = 100
MAX_WORDS = 6
_MOST_CORRECTED = 6
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

    `patterns` are for `LIKE` (they hold no wildcard but their own). They apply to the kinds NAME and EMPLOYER, whose
    terms hold the whole name; each group of `elsewhere` is a set of ranges of which the record needs one.
    """

    ranges: tuple[Range, ...]
    patterns: tuple[str, ...]
    elsewhere: tuple[tuple[Range, ...], ...]
    position: int | None
    """Which of the plan's words it is; None for a number or an address."""


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
    corrected_at: int | None = None
    """Which word was corrected, in a plan made by correcting."""

    @property
    def is_corrected(self) -> bool:
        return self.corrected_at is not None

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
        patterns = tuple(_pattern(word) for word in self.words)
        by_word = tuple(
            Driver(_name_ranges(word.text), (*patterns[:i], *patterns[i + 1 :]), self.marks, i)
            for i, word in enumerate(self.words)
        )
        names = tuple(_name_ranges(word.text) for word in self.words)
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

    @property
    def correcting_driver(self) -> Driver | None:
        """The driver of the word that was corrected, in a plan of several words."""
        return next((d for d in self.drivers if d.position == self.corrected_at is not None), None)

    def corrected(self, found: dict[int, frozenset[str]]) -> tuple["SearchPlan", ...]:
        """The plans with one word corrected, the nearest first; `found` has the dictionary words by position."""
        plans: list[SearchPlan] = []
        for spelling in self.spellings:
            words = found.get(spelling.position, frozenset())
            for word in corrections(spelling.typed, words, finished=spelling.finished):
                changed = list(self.words)
                changed[spelling.position] = Word(word, is_cjk=False)
                at = spelling.position
                plans.append(
                    _plan(tuple(changed), self.marks, finished=self.finished, corrected_at=at)
                )
        return tuple(plans[:_MOST_CORRECTED])


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
    corrected_at: int | None = None,
) -> SearchPlan:
    if marks:
        direct = marks[0] if len(marks) == 1 and not words else ()
    else:
        phrase = _phrase(words)
        direct = _name_ranges(phrase) if phrase else ()
    return SearchPlan(words, marks, direct, finished, corrected_at)


def _phrase(words: tuple[Word, ...]) -> str:
    return without_blanks_in_names(" ".join(word.text for word in words))


def _ranges(kind: Kind, prefix: str) -> tuple[Range, ...]:
    if not prefix:
        return ()
    low = (prefix if kind in _IN_KEYS else kind.value + prefix)[:MAX_TERM]
    return (Range(kind, low, prefix_end(low)),)


def _name_ranges(prefix: str) -> tuple[Range, ...]:
    return (*_ranges(Kind.NAME, prefix), *_ranges(Kind.EMPLOYER, prefix))


def _pattern(word: Word) -> str:
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
