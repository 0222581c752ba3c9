"""Page tokens: where a list goes on, opaque and signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.domain import Violation
from chassis.http.problem import HttpProblem

_TAG = 16


class PageTokens:
    """Signs positions with a secret that all replicas share.

    A token holds for the list, the filters and the order that it was given out for: `context`
    names them.
    """

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"page-tokens:" + secret.encode()).digest()

    def issue(self, context: str, position: list[Any]) -> str:
        """A token for the position after which the next page begins."""
        body = orjson.dumps([_plain(value) for value in position])
        tag = self._tag(context, body)
        return base64.urlsafe_b64encode(tag + body).rstrip(b"=").decode()

    def position(self, context: str, token: str) -> list[Any]:
        """The position of a token; raises a 400 problem for one that is not ours, or not here."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            raise wrong_token() from None
        tag, body = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, self._tag(context, body)):
            raise wrong_token()
        position: list[Any] = [_rich(value) for value in orjson.loads(body)]
        return position

    def _tag(self, context: str, body: bytes) -> bytes:
        message = context.encode() + b"\x00" + body
        return hmac.new(self._key, message, hashlib.sha256).digest()[:_TAG]


def wrong_token() -> HttpProblem:
    """The refusal of a token that was changed or belongs to another list."""
    message = "The page token is not one of this list with these filters and this order."
    return HttpProblem(
        400,
        "page_token_invalid",
        message,
        violations=(Violation("page_token", "invalid", message),),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, UUID):
        return {"u": value.hex}
    return value


def _rich(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "t" in value:
        return datetime.fromisoformat(value["t"])
    if "d" in value:
        return date.fromisoformat(value["d"])
    return UUID(value["u"])
