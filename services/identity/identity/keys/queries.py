"""Reads about signing keys, without their private halves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from identity.keys.domain import Keys, KeyState


def list_keys(keys: Keys, now: datetime) -> list[dict[str, Any]]:
    """What operators are shown: newest first."""
    shown = [
        {
            "kid": key.kid,
            "state": keys.state(key, now),
            "created_at": key.created_at,
            "signs_from": key.signs_from,
            "retired_at": keys.retired_at(key),
        }
        for key in keys
        if keys.state(key, now) is not KeyState.OUTDATED
    ]
    return shown[::-1]


def key_set(keys: Keys, now: datetime) -> dict[str, Any]:
    """The public keys as a JSON Web Key Set."""
    return {"keys": [key.public for key in keys.published(now)]}
