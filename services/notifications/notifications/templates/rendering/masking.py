"""Puts a word in place of each piece of Jinja, for programs that would not know what to make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Environment

MARK = re.compile("jinja([0-9]{6})x")
_BEGIN = frozenset({"variable_begin", "block_begin", "comment_begin", "linecomment_begin"})
_END = frozenset({"variable_end", "block_end", "comment_end"})
_ALONE = frozenset({"raw_begin", "raw_end"})


class Unmaskable(Exception):
    """A text that has such a word already."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of Jinja as it stands in the source, and the line that it begins in."""

    text: str
    line: int

    @property
    def is_comment(self) -> bool:
        """Whether it gives nothing and does nothing."""
        return self.text.startswith("{#")


def mask(
    source: str, environment: Environment, *, keep_lines: bool = True
) -> tuple[str, Sequence[Piece]]:
    """The source with a word in place of each piece of Jinja, and all in the line where it was.

    Without `keep_lines` no line breaks are added to that end. Raises `Unmaskable`, and Jinja's own error where a piece does not end.
    """
    if MARK.search(source):
        raise Unmaskable("a word like jinja000000x cannot be used in templates")
    masked = _Masked(keep_lines=keep_lines)
    held: list[str] = []
    began = 0
    for line, kind, text in environment.lex(source):
        if kind in _ALONE:
            masked.piece(Piece(text, line))
        elif kind in _BEGIN:
            held, began = [text], line
        elif kind in _END:
            masked.piece(Piece("".join((*held, text)), began))
            held = []
        elif held:
            held.append(text)
        else:
            masked.text(text, line)
    return "".join(masked.out), masked.pieces


def lost(masked: str, pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces whose words are not in a text any more; comments are not missed."""
    kept = {int(number) for number in MARK.findall(masked)}
    for number, piece in enumerate(pieces):
        if number not in kept and not piece.is_comment:
            yield piece


class _Masked:
    """Text in the making, in the lines of its source: Jinja's lexer drops some line breaks."""

    def __init__(self, *, keep_lines: bool) -> None:
        self._keep_lines = keep_lines
        self.out: list[str] = []
        self.pieces: list[Piece] = []
        self._line = 1

    def text(self, text: str, line: int) -> None:
        """What is no Jinja."""
        if self._keep_lines:
            self.out.append("\n" * (line - self._line))
        self.out.append(text)
        self._line = max(line, self._line) + text.count("\n")

    def piece(self, piece: Piece) -> None:
        """A word in place of a piece."""
        self.text(f"jinja{len(self.pieces):06}x", piece.line)
        self.pieces.append(piece)
