"""How hard a password is to guess; bounded in time, whatever is typed."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from chassis.domain import Invalid
from identity.sign_in.domain import check_length, is_decorated, normalised, own_words

_MEASURED = 48
"""Characters that are measured; a password that is safe by these is safe."""
_SUBSTITUTES = frozenset("4@8({[<369&#!1/|0$5+7%2")
_MOST_SUBSTITUTES = 6
"""zxcvbn tries every meaning of every such character: with all of them it takes seconds."""

_KNOWN = frozenset(FREQUENCY_LISTS["passwords"])
_lock = threading.Lock()  # zxcvbn keeps the words of the user it measures for in a global


def check_password(
    password: str, texts: Iterable[str], *, shortest: int, score: int, pointer: str = "/password"
) -> None:
    """Raises `Invalid` for a password that is too short, too long, well known or easy to guess.

    `texts` are the user's own name and address, the organisation's name and the like; `score` is
    of zxcvbn's scale.
    """
    password = normalised(password)
    check_length(password, shortest, pointer)
    words = own_words(*texts)
    if is_decorated(password, _KNOWN):
        raise Invalid.at(
            pointer, "password_known", "This password is among the first that attackers try."
        )
    if is_decorated(password, frozenset(words)):
        raise Invalid.at(
            pointer, "password_personal", "A password is not made of one's own name or address."
        )
    if _score(password, words) < score:
        raise Invalid.at(
            pointer,
            "password_guessable",
            "This password is easy to guess. Several words that do not belong together are not.",
        )


def _score(password: str, words: list[str]) -> int:
    with _lock:
        result = zxcvbn(_bounded(password), user_inputs=[word[:50] for word in words[:40]])
    score: int = result["score"]
    return score


def _bounded(password: str) -> str:
    """The beginning, with at most so many characters that may stand for a letter."""
    found = dict.fromkeys(c for c in password[:_MEASURED] if c in _SUBSTITUTES)
    excess = "".join(list(found)[_MOST_SUBSTITUTES:])
    return password[:_MEASURED].translate(str.maketrans(excess, "~" * len(excess)))
