"""Shows what of a text was typed: cuts it into parts that were and parts that were not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from contacts.search.folding import Word, fold_piece

# A character with what is written on it: accents, and the voiced marks of half-width Kana.
_CHARACTERS = re.compile("[^\uff9e\uff9f][\uff9e\uff9f]?", re.DOTALL)
# Scripts without blanks between words come after it.
_LAST_WITH_BLANKS = "\u2fff"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it was typed."""

    text: str
    hit: bool


def parts_of_name(name: str, words: Iterable[Word]) -> list[Part]:
    """A name with the words in it: those of Chinese anywhere, others where a word begins."""
    pieces = _pieces(name)
    folded, owners = "", list[int]()
    for index, piece in enumerate(pieces):
        plain = fold_piece(piece)
        folded += plain
        owners += [index] * len(plain)
    hit: set[int] = set()
    for word in words:
        # Chinese names are typed without the blanks that some are written with.
        pattern = (" *" if word.is_cjk else "").join(map(re.escape, word.text))
        for match in re.finditer(pattern, folded):
            if word.is_cjk or _begins_word(folded, match.start()):
                hit.update(owners[match.start() : match.end()])
    return _joined((piece, index in hit) for index, piece in enumerate(pieces))


def parts_of_text(text: str, typed: str) -> list[Part]:
    """A text with the first place where exactly this stands in it, upper and lower case alike."""
    at = text.lower().find(typed.lower()) if typed and len(text.lower()) == len(text) else -1
    if at < 0:
        return [Part(text, hit=False)]
    end = at + len(typed)
    return _joined([(text[:at], False), (text[at:end], True), (text[end:], False)])


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for piece in _CHARACTERS.findall(text):
        if pieces and unicodedata.combining(piece[0]):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def _begins_word(folded: str, at: int) -> bool:
    return at == 0 or not folded[at - 1].isalnum() or folded[at - 1] > _LAST_WITH_BLANKS


def _joined(pieces: Iterable[tuple[str, bool]]) -> list[Part]:
    parts: list[Part] = []
    for text, hit in pieces:
        if parts and parts[-1].hit == hit:
            parts[-1] = Part(parts[-1].text + text, hit)
        elif text:
            parts.append(Part(text, hit))
    return parts
