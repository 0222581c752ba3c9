"""Recognises text made by running fingers over a keyboard: Latin, digit and Zhuyin (大千) rows, and repeated bits."""

import re
from functools import lru_cache

_ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "ㄅㄉˇˋㄓˊ˙ㄚㄞㄢㄦ",
    "ㄆㄊㄍㄐㄔㄗㄧㄛㄟㄣ",
    "ㄇㄋㄎㄑㄕㄘㄨㄜㄠㄤ",
    "ㄈㄌㄏㄒㄖㄙㄩㄝㄡㄥ",
    # The columns, which are also the order of the alphabet.
    "ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙ",
)
_BOTH_WAYS = " ".join((*_ROWS, *(row[::-1] for row in _ROWS)))
_ZHUYIN = re.compile("[\u3105-\u312f\u02ca\u02c7\u02cb\u02d9]+")
_SHORTEST = 4
_REPEATED_UNIT = 3
# Words that happen to lie on a row.
_REAL_WORDS = frozenset({"wert", "defs", "nop", "hij"})


@lru_cache(maxsize=8_192)
def is_keyboard_run(word: str) -> bool:
    """Whether a lower-case word is nothing but neighbouring keys (`asdf`, `ㄆㄊㄍㄐ`), or three of them repeated."""
    if len(word) < _SHORTEST:
        return (
            len(word) == _REPEATED_UNIT and _ZHUYIN.fullmatch(word) is not None and _on_a_row(word)
        )
    if word in _REAL_WORDS:
        return False
    if _on_a_row(word):
        return True
    unit = word[:_REPEATED_UNIT]
    repeats = len(word) // _REPEATED_UNIT
    return unit * repeats == word and (_on_a_row(unit) or len(set(unit)) == 1)


def _on_a_row(word: str) -> bool:
    return word in _BOTH_WAYS and " " not in word


def is_zhuyin(text: str) -> bool:
    """Whether the text is phonetic symbols only: the trace of an input method left unfinished."""
    return _ZHUYIN.fullmatch(text) is not None
