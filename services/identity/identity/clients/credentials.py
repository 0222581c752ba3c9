"""Secrets of apps: random, shown once, and stored only as a digest."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from identity.clients.domain import ClientSecret

_BYTES = 32  # 256 random bits need no slow hash
_HINT = 4


def new_secret(secret_id: UUID, now: datetime) -> tuple[str, ClientSecret]:
    """A secret to show once, and what is kept of it."""
    text = secrets.token_urlsafe(_BYTES)
    return text, ClientSecret(secret_id, digest_of(text), text[-_HINT:], now)


def digest_of(secret: str) -> bytes:
    """What is stored in place of a secret."""
    return hashlib.sha256(secret.encode()).digest()
