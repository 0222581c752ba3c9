"""Signs what customers hand back: links, and addresses to answer to. The secrets can be changed."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence

_TAG = 16


class Signer:
    """Makes and checks tags for one purpose, with the first of the secrets and with any of them."""

    def __init__(self, secrets: Sequence[str], purpose: str) -> None:
        info = f"desk {purpose}".encode()
        self._keys = [hmac.digest(secret.encode(), info, "sha256") for secret in secrets]

    def tag(self, body: bytes, length: int = _TAG) -> bytes:
        """What proves that `body` is ours."""
        return hmac.digest(self._keys[0], body, "sha256")[:length]

    def fits(self, body: bytes, tag: bytes, length: int = _TAG) -> bool:
        """Whether a tag is one of ours for `body`."""
        tags = [hmac.digest(key, body, "sha256")[:length] for key in self._keys]
        return any([hmac.compare_digest(tag, one) for one in tags])  # noqa: C419 - in constant time

    def token(self, body: bytes) -> str:
        """The body with its tag, as it stands in a link."""
        return base64.urlsafe_b64encode(body + self.tag(body)).rstrip(b"=").decode()

    def read(self, token: str, length: int) -> bytes | None:
        """The body of `length` bytes that a token carries, or None for a token that is not ours."""
        if len(token) > 2 * (length + _TAG) or not token.isascii():
            return None
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        body, tag = raw[:length], raw[length:]
        return body if len(body) == length and self.fits(body, tag) else None
