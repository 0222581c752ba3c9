"""Folds text for search: width, case, accents and punctuation away, so that equal-looking words compare equal.

Chinese, Japanese and Korean text is kept as runs of characters. Katakana is folded to Hiragana, and a few variant
characters that are one in everyday writing (臺 and 台) to the common one; Traditional and Simplified stay apart.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

MAX_FOLDED_INPUT = 400
_CACHED_LENGTH = 64

# Ideographs with their extensions, Kana, Bopomofo, Hangul syllables, and the iteration marks that belong to names.
_CJK = (
    "\u3005-\u3007\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u3105-\u312f"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORDS = re.compile(f"[{_CJK}]+|[^{_CJK} ]+")
_BETWEEN_CJK = re.compile(f"(?<=[{_CJK}]) (?=[{_CJK}])")
_STARTS_CJK = re.compile(f"[{_CJK}]")
_UNDECOMPOSED = {
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "þ": "th",
    "ħ": "h",
    "\u0131": "i",
    "ŋ": "n",
    "臺": "台",
    "峯": "峰",
    "羣": "群",
    "啓": "啟",
}
# They stand inside words: O'Brien, L’Oréal, Ben Yaʿqub.
_DROPPED = "'’‘`´ʼʻʿʾ·・"  # noqa: RUF001 - look-alikes of the apostrophe are the point
_ASCII = str.maketrans(
    {chr(c): None if chr(c) in _DROPPED else " " for c in range(128) if not chr(c).isalnum()}
)


class Word(NamedTuple):
    """One folded word; a run of Chinese, Japanese or Korean characters is one word."""

    text: str
    is_cjk: bool


class _Folding(dict[int, str | None]):
    """What each character becomes, found out once: nothing, a blank, its plain form or itself."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        self[code] = folded = self._fold(character)
        return folded

    @staticmethod
    def _fold(character: str) -> str | None:
        if character in _UNDECOMPOSED:
            return _UNDECOMPOSED[character]
        if character in _DROPPED or "\u0300" <= character <= "\u036f":
            return None
        if "\u30a1" <= character <= "\u30f6":
            return chr(ord(character) - 0x60)
        category = unicodedata.category(character)
        if category in {"Cf", "Cs", "Cc", "Cn", "Co"} and character not in "\t\n\r":
            return None
        return character if category[0] in "LMN" else " "


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text in lower case without accents, punctuation as blanks, at most 400 characters of it."""
    if len(text) <= _CACHED_LENGTH:
        return _fold_cached(text)
    return _fold(text[:MAX_FOLDED_INPUT])


def fold_piece(text: str) -> str:
    """A piece of a text folded by itself, its blanks and punctuation as blanks."""
    if text.isascii():
        return text.lower().translate(_ASCII)
    compatible = unicodedata.normalize("NFKC", text).casefold()
    if not compatible.isascii():
        compatible = unicodedata.normalize("NFD", compatible).translate(_FOLDING)
    return unicodedata.normalize("NFC", compatible.translate(_ASCII))


def _fold(text: str) -> str:
    return " ".join(fold_piece(text).split())


_fold_cached = lru_cache(maxsize=8_192)(_fold)


def without_blanks_in_names(folded: str) -> str:
    """Folded text with Chinese, Japanese and Korean words drawn together: 山田 太郎 is typed 山田太郎 as well."""
    if folded.isascii() or " " not in folded:
        return folded
    return _BETWEEN_CJK.sub("", folded)


@lru_cache(maxsize=8_192)
def words_of(folded: str) -> tuple[Word, ...]:
    """The words of folded text; scripts without blanks are parted from the others (`台積電tsmc` is two words)."""
    if folded.isascii():
        return tuple(Word(text, is_cjk=False) for text in folded.split())
    return tuple(
        Word(text, is_cjk=_STARTS_CJK.match(text) is not None) for text in _WORDS.findall(folded)
    )
