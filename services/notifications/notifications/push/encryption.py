"""Encrypts what is pushed so that the device alone can read it: RFC 8291, in the form of RFC 8188 (aes128gcm)."""

from __future__ import annotations

import os
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_RECORD_SIZE = 4096
_SALT_BYTES = 16
_LAST_RECORD = b"\x02"


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """What is fresh for every message: a key of the sender's and a salt."""

    key: ec.EllipticCurvePrivateKey
    salt: bytes

    @classmethod
    def fresh(cls) -> Ephemeral:
        """Never used before."""
        return cls(ec.generate_private_key(ec.SECP256R1()), os.urandom(_SALT_BYTES))


def encrypt(
    plain: bytes, device_key: bytes, shared_secret: bytes, ephemeral: Ephemeral | None = None
) -> bytes:
    """One message of at most 3,993 bytes for the device with this public key, as one record.

    `device_key` is an uncompressed point on P-256, `shared_secret` the device's 16 bytes.
    """
    ours = ephemeral or Ephemeral.fresh()
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), device_key)
    agreed = ours.key.exchange(ec.ECDH(), theirs)
    public = point_of(ours.key)
    info = b"WebPush: info\x00" + device_key + public
    material = _derived(shared_secret, agreed, info, 32)
    key = _derived(ours.salt, material, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(ours.salt, material, b"Content-Encoding: nonce\x00", 12)
    header = ours.salt + _RECORD_SIZE.to_bytes(4) + len(public).to_bytes(1) + public
    return header + AESGCM(key).encrypt(nonce, plain + _LAST_RECORD, None)


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public part of a key, as an uncompressed point."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)
