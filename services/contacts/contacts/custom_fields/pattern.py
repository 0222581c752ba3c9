r"""Patterns that texts have to match, in time that grows with the text and never explodes.

An administrator's pattern runs in every write of every record. Python's `re` tries alternatives
one after the other, and `(a+)+b` on thirty letters already takes minutes. Here a pattern becomes
the positions of its characters and the sets of positions that may follow each (Glushkov 1961);
matching walks along the text once with the set of positions where it may be, kept as the bits of
one integer. So the work is bounded by the length of the text times the number of positions, both
of which are bounded.

The language is what people mean by a pattern: characters, `.`, `\d \w \s` and their opposites,
`[a-z_]`, `[^…]`, groups, `|`, `?`, `*`, `+`, `{2}`, `{2,}` and `{2,5}`. The whole text has to
match. There are no back-references, no looking around and no anchors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

LONGEST_PATTERN = 200
MOST_POSITIONS = 250
DEEPEST = 20
LONGEST_TEXT = 1000
"""How long a text with a pattern may be."""

Test = Callable[[str], bool]

_CLASSES: dict[str, Test] = {
    "d": lambda c: "0" <= c <= "9",
    "w": lambda c: c.isalnum() or c == "_",
    "s": str.isspace,
    "D": lambda c: not "0" <= c <= "9",
    "W": lambda c: not (c.isalnum() or c == "_"),
    "S": lambda c: not c.isspace(),
}
_MOST_REMEMBERED = 512
_MOST_ATOMS = 2_000
_WORDS = {"n": "\n", "t": "\t", "r": "\r"}
_REPETITIONS: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
_SPECIAL = frozenset("\\.[](){}|?*+^$")


class WrongPattern(ValueError):
    """A pattern that cannot be used, with the reason."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a pattern: where it may begin and end, as bits, and whether it may be empty."""

    first: int
    last: int
    nullable: bool


_EMPTY = _Part(0, 0, nullable=True)


class Pattern:
    """A pattern ready to be matched; see `compiled`."""

    __slots__ = ("_first", "_follow", "_last", "_nullable", "_taking", "_tests")

    def __init__(self, tests: list[Test], follow: list[int], whole: _Part) -> None:
        self._tests = tests
        self._follow = follow
        self._first, self._last, self._nullable = whole.first, whole.last, whole.nullable
        self._taking: dict[str, int] = {}

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        if not text:
            return self._nullable
        possible, here = self._first, 0
        for character in text:
            here = possible & self._positions_for(character)
            if not here:
                return False
            possible = self._next(here)
        return bool(here & self._last)

    def _positions_for(self, character: str) -> int:
        """The positions that take the character, wherever they are."""
        known = self._taking.get(character)
        if known is None:
            known = sum(1 << at for at, test in enumerate(self._tests) if test(character))
            if len(self._taking) < _MOST_REMEMBERED:
                self._taking[character] = known
        return known

    def _next(self, here: int) -> int:
        following = 0
        while here:
            lowest = here & -here
            following |= self._follow[lowest.bit_length() - 1]
            here ^= lowest
        return following


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Pattern:
    """The pattern, ready to be matched; raises `WrongPattern` that says what is wrong, and where."""
    if len(pattern) > LONGEST_PATTERN:
        raise WrongPattern(f"is longer than {LONGEST_PATTERN} characters")
    return _Reader(pattern).read()


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._depth = 0
        self._atoms = 0
        self._tests: list[Test] = []
        self._follow: list[int] = []

    def read(self) -> Pattern:
        whole = self._alternatives()
        if self._at < len(self._text):
            raise self._wrong(f"has a {self._text[self._at]!r} that closes nothing")
        return Pattern(self._tests, self._follow, whole)

    def _alternatives(self) -> _Part:
        part = self._sequence()
        while self._take("|"):
            other = self._sequence()
            nullable = part.nullable or other.nullable
            part = _Part(part.first | other.first, part.last | other.last, nullable)
        return part

    def _sequence(self) -> _Part:
        part = _EMPTY
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            part = self._joined(part, self._repeated())
        return part

    def _repeated(self) -> _Part:
        begin = self._at
        part = self._atom()
        bounds = self._repetition()
        if bounds is None:
            return part
        if self._repetition() is not None:
            raise self._wrong("repeats a repetition: put it in brackets")
        after, (least, most) = self._at, bounds
        result = _EMPTY
        # Each turn has positions of its own: the atom is read again for it.
        for turn in range(max(least, most or 1)):
            if turn > 0:
                self._at = begin
                part = self._atom()
            if turn >= least:
                part = _Part(part.first, part.last, nullable=True)
            if most is None and turn >= least - 1:
                self._link(part.last, part.first)
            result = self._joined(result, part)
        self._at = after
        return result if most != 0 else _EMPTY

    def _joined(self, before: _Part, after: _Part) -> _Part:
        self._link(before.last, after.first)
        return _Part(
            before.first | after.first if before.nullable else before.first,
            before.last | after.last if after.nullable else after.last,
            before.nullable and after.nullable,
        )

    def _link(self, ends: int, begins: int) -> None:
        while ends:
            lowest = ends & -ends
            self._follow[lowest.bit_length() - 1] |= begins
            ends ^= lowest

    def _repetition(self) -> tuple[int, int | None] | None:
        for sign, known in _REPETITIONS.items():
            if self._take(sign):
                return known
        if not self._take("{"):
            return None
        end = self._text.find("}", self._at)
        least, comma, most = self._text[self._at : end].partition(",") if end > 0 else ("", "", "")
        if not _is_count(least) or (most and not _is_count(most)):
            raise self._wrong("has a { that is no repetition like {2}, {2,} or {2,5}")
        self._at = end + 1
        bounds = int(least), (int(most) if most else None if comma else int(least))
        if bounds[1] is not None and bounds[1] < bounds[0]:
            raise self._wrong("has a repetition with more at least than at most")
        return bounds

    def _atom(self) -> _Part:
        self._atoms += 1  # those without a position too: (){999} is work as well
        if self._atoms > _MOST_ATOMS:
            raise self._wrong("repeats too much")
        sign = self._text[self._at]
        self._at += 1
        match sign:
            case "(":
                return self._group()
            case "[":
                return self._position(self._choice())
            case ".":
                return self._position(lambda c: c != "\n")
            case "\\":
                return self._position(self._escaped())
            case _ if sign in _SPECIAL:
                raise self._wrong(f"has a {sign!r} out of place; write \\{sign} for the character")
        return self._position(sign.__eq__)

    def _group(self) -> _Part:
        if self._take("?") and not self._take(":"):
            raise self._wrong("has a (? that is no plain group")
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong(f"is nested deeper than {DEEPEST} groups")
        part = self._alternatives()
        self._depth -= 1
        if not self._take(")"):
            raise self._wrong("has a ( that is not closed")
        return part

    def _escaped(self) -> Test:
        if self._at >= len(self._text):
            raise self._wrong("ends with a \\")
        sign = self._text[self._at]
        self._at += 1
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign in _WORDS:
            return _WORDS[sign].__eq__
        if sign.isalnum():
            raise self._wrong(f"has \\{sign}, which means nothing here")
        return sign.__eq__

    def _choice(self) -> Test:
        negated = self._take("^")
        tests: list[Test] = []
        while not self._take("]"):
            if self._at >= len(self._text):
                raise self._wrong("has a [ that is not closed")
            tests.append(self._member())
        if not tests:
            raise self._wrong("has brackets with nothing in them; write \\] for the character")
        return lambda c: any(test(c) for test in tests) != negated

    def _member(self) -> Test:
        sign = self._text[self._at]
        self._at += 1
        if sign == "\\":
            return self._escaped()
        end = self._text[self._at + 1 : self._at + 2]
        if self._text.startswith("-", self._at) and end not in {"", "]"}:
            self._at += 2
            if end < sign or end == "\\":
                raise self._wrong(f"has a range {sign}-{end} that leads nowhere")
            return lambda c: sign <= c <= end
        return sign.__eq__

    def _position(self, test: Test) -> _Part:
        if len(self._tests) >= MOST_POSITIONS:
            raise self._wrong(f"stands for more than {MOST_POSITIONS} characters")
        self._tests.append(test)
        self._follow.append(0)
        bit = 1 << (len(self._tests) - 1)
        return _Part(bit, bit, nullable=False)

    def _take(self, sign: str) -> bool:
        taken = self._text.startswith(sign, self._at)
        self._at += len(sign) * taken
        return taken

    def _wrong(self, what: str) -> WrongPattern:
        return WrongPattern(f"{what} (character {min(self._at, len(self._text))})")


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4
