"""Reads the source of a condition into tokens, in one pass from left to right."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chassis.conditions.syntax import MAX_DEPTH, MAX_SOURCE, refusal

LARGEST = 2**63 - 1
"""Whole numbers have 64 bits, as in CEL everywhere."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a sign, a number or a text; `value` is what a number or a text stands for."""

    sort: str
    text: str
    at: int
    value: str | int = ""


_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+|//[^\n]*)
    | (?P<number>0x[0-9a-fA-F]+|[0-9]+)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<text>"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([abfnrtv\\'\"`?])|(.)|$)",
    re.DOTALL,
)
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def tokens_of(source: str) -> list[Token]:
    """The tokens, with one of the sort `end` behind them.

    Each character is looked at a fixed number of times. Raises `Invalid` for a source that is too
    long, or nested too deeply by its brackets, before anything is made of it; and for what is no
    token of the language.
    """
    if len(source) > MAX_SOURCE:
        raise refusal(
            "condition_too_long", MAX_SOURCE, f"A condition has at most {MAX_SOURCE} characters."
        )
    read: list[Token] = []
    place = depth = 0
    while place < len(source):
        found = _TOKEN.match(source, place)
        if found is None:
            raise refusal("character_unexpected", place, f"{source[place]!r} means nothing here.")
        sort, text = str(found.lastgroup), found.group()
        depth += (text in ("(", "[")) - (text in (")", "]"))
        if depth > MAX_DEPTH:
            message = f"Brackets are nested more than {MAX_DEPTH} deep."
            raise refusal("condition_too_deep", place, message)
        if sort != "space":
            read.append(_token(sort, text, place))
            _require_apart(source, found.end(), sort)
        place = found.end()
    return [*read, Token("end", "", len(source))]


def _token(sort: str, text: str, at: int) -> Token:
    if sort == "number":
        return Token(sort, text, at, _number(text, at))
    if sort == "text":
        return Token(sort, text, at, _text(text, at))
    return Token(sort, text, at)


def _number(text: str, at: int) -> int:
    value = int(text, 16) if text[1:2] == "x" else int(text) if len(text) <= 20 else LARGEST + 2
    if value > LARGEST + 1:  # one more than the largest is the smallest, when a `-` is before it
        raise refusal("number_too_large", at, "Whole numbers have 64 bits.")
    return value


def _text(text: str, at: int) -> str:
    def escaped(found: re.Match[str]) -> str:
        code = found[1] or found[2] or found[3]
        if code is not None and int(code, 16) < 0x110000 and not 0xD800 <= int(code, 16) < 0xE000:
            return chr(int(code, 16))
        if found[4] is not None:
            return _ESCAPED.get(found[4], found[4])
        message = f"{found[0]!r} stands for no character."
        raise refusal("escape_unknown", at + 1 + found.start(), message)

    return _ESCAPE.sub(escaped, text[1:-1])


def _require_apart(source: str, end: int, sort: str) -> None:
    """Refuse what CEL has and conditions have not: decimals, bytes, raw texts, texts in three quotes."""
    after = source[end : end + 1]
    if sort == "number" and (after.isalnum() or after == "_"):
        raise refusal("number_unknown", end, "Numbers are whole: money is in minor units.")
    if sort == "number" and after == "." and source[end + 1 : end + 2].isdigit():
        raise refusal("number_unknown", end, "Numbers are whole: money is in minor units.")
    if sort in ("text", "name") and after in ("'", '"') and after:
        raise refusal("text_unknown", end, "A text stands in one pair of quotes, without a prefix.")
