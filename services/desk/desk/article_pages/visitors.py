"""Tells visitors of public pages apart without knowing them: a random number of ours, signed.

It stays in the browser's cookie for as long as the browser is open, and goes along with the form as well
for browsers that keep none. Nobody can make up numbers, so that one visitor is not many.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from flask import Response

from desk.signing import Signer

COOKIE: Final = "rapport_visitor"
_LENGTH: Final = 12


class Visitors:
    """Makes and reads the numbers."""

    def __init__(self, given: Sequence[str], public_url: str) -> None:
        self._signer = Signer(given, "visitors")
        self._secure = public_url.startswith("https:")

    def new(self) -> str:
        """The number of a visitor who has none."""
        return self._signer.token(secrets.token_bytes(_LENGTH))

    def known(self, *tokens: str) -> str | None:
        """The first of these that is one of ours."""
        return next((each for each in tokens if self._signer.read(each, _LENGTH)), None)

    def remember(self, response: Response, visitor: str) -> None:
        """Have the browser keep a number while it is open."""
        response.set_cookie(
            COOKIE, visitor, path="/p/desk", httponly=True, samesite="Lax", secure=self._secure
        )
