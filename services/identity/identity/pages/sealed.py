"""Carries state through a form: signed, bound to one browser and one purpose, and soon too old."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

from chassis.domain import Clock

_TAG = 32


class SealedState:
    """Signs what a page has to be told again with the next request."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._key = hashlib.sha256(b"page-state:" + secret.encode()).digest()
        self._clock = clock

    def seal(self, purpose: str, value: Any, lasts: timedelta) -> str:
        """A text for a hidden field; everybody can read it, nobody can change it."""
        until = (self._clock.now() + lasts).timestamp()
        body = json.dumps([until, value], default=str).encode()
        return base64.urlsafe_b64encode(self._tag(purpose, body) + body).decode()

    def open(self, purpose: str, text: str) -> Any:
        """The value, or None for a text that is not ours, meant for another purpose, or too old."""
        try:
            raw = base64.urlsafe_b64decode(text.encode())
        except (binascii.Error, ValueError):
            return None
        tag, body = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, self._tag(purpose, body)):
            return None
        until, value = json.loads(body)
        return value if self._clock.now().timestamp() < until else None

    def token(self, purpose: str) -> str:
        """A text that only we can make for this purpose, for as long as the secret is the same."""
        return self._tag(purpose, b"").hex()

    def _tag(self, purpose: str, body: bytes) -> bytes:
        return hmac.new(self._key, purpose.encode() + b"\x00" + body, hashlib.sha256).digest()
