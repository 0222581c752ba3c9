"""Seals what must not be readable in a backup of the database: AES-256-GCM under a secret."""

from __future__ import annotations

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORMAT = b"\x01"
_ID = 8
_NONCE = 12


class CannotUnseal(Exception):
    """None of the secrets opens it: the secret was changed without listing the one before."""


class Sealer:
    """Seals with the first of the secrets and opens with any of them.

    A secret is changed by listing the new one before the old one, until everything has been
    sealed anew. Each is expanded to a key, so it needs entropy, not a certain form.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise ValueError("at least one secret is needed")
        keys = [_expanded(secret) for secret in secrets]
        self._current = keys[0]
        self._known = {_id_of(key): key for key in keys}

    def seal(self, plain: bytes, context: str) -> bytes:
        """Seal for one purpose: opening needs the same `context`."""
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self._current).encrypt(nonce, plain, context.encode())
        return _FORMAT + _id_of(self._current) + nonce + sealed

    def open(self, sealed: bytes, context: str) -> bytes:
        """What was sealed. Raises `CannotUnseal`."""
        key = self._known.get(sealed[1 : 1 + _ID])
        if sealed[:1] != _FORMAT or key is None:
            raise CannotUnseal(f"{context} was sealed under a secret that is not listed.")
        nonce, body = sealed[1 + _ID : 1 + _ID + _NONCE], sealed[1 + _ID + _NONCE :]
        try:
            return AESGCM(key).decrypt(nonce, body, context.encode())
        except InvalidTag:
            raise CannotUnseal(f"{context} was changed, or belongs elsewhere.") from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether it is sealed under the first secret."""
        return sealed[1 : 1 + _ID] == _id_of(self._current)


def _expanded(secret: str) -> bytes:
    derivation = HKDF(hashes.SHA256(), 32, salt=None, info=b"rapport key encryption")
    return derivation.derive(secret.encode())


def _id_of(key: bytes) -> bytes:
    """Names a key without giving it away."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(b"id:" + key)
    return digest.finalize()[:_ID]
