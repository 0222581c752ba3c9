"""A passkey made of software: what a browser and its authenticator answer (WebAuthn, Level 3)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _MAY_SYNC, _SYNCED, _ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass(slots=True)
class SoftwareAuthenticator:
    """One authenticator with one passkey, which counts its uses. `origin` is where its browser is."""

    origin: str
    synced: bool = False
    sign_count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `navigator.credentials.create`."""
        client_data = self._client_data("webauthn.create", options["challenge"])
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        )
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + public
        data = self._authenticator_data(options["rp"]["id"], _ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential(
            {"clientDataJSON": _text(client_data), "attestationObject": _text(attestation)}
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `navigator.credentials.get`."""
        self.sign_count += 1
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._authenticator_data(options["rpId"])
        signed = data + hashlib.sha256(client_data).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {
                "clientDataJSON": _text(client_data),
                "authenticatorData": _text(data),
                "signature": _text(signature),
            }
        )

    def _client_data(self, kind: str, challenge: str) -> bytes:
        about = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(about).encode()

    def _authenticator_data(self, rp_id: str, flags: int = 0) -> bytes:
        flags |= _PRESENT | _VERIFIED | (_MAY_SYNC | _SYNCED if self.synced else 0)
        return (
            hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.sign_count.to_bytes(4)
        )

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        named = _text(self.credential_id)
        return {"id": named, "rawId": named, "type": "public-key", "response": response}


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
