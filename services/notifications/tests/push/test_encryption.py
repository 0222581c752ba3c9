"""Encryption for a device, against the example of RFC 8291, Appendix A."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec

from notifications.push.encryption import Ephemeral, encrypt
from services.notifications.tests.push.browser import Browser, decoded, encoded

PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
RECEIVER_PUBLIC = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
SALT, SECRET = "DGv6ra1nlYgDCS1FRnbzlw", "BTBZMqHH6r4Tts7J_aSIgg"
ENCRYPTED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
    "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def key(text: str) -> ec.EllipticCurvePrivateKey:
    """The key that the example writes so."""
    return ec.derive_private_key(int.from_bytes(decoded(text)), ec.SECP256R1())


def test_the_example_of_the_rfc_comes_out_byte_for_byte() -> None:
    fixed = Ephemeral(key(SENDER), decoded(SALT))
    assert encoded(encrypt(PLAIN, decoded(RECEIVER_PUBLIC), decoded(SECRET), fixed)) == ENCRYPTED


def test_what_is_encrypted_afresh_differs_every_time_and_the_device_reads_it() -> None:
    device = Browser("https://push.example/1", key(RECEIVER), decoded(SECRET))
    bodies = [encrypt(PLAIN, decoded(RECEIVER_PUBLIC), decoded(SECRET)) for _ in range(2)]
    assert bodies[0] != bodies[1]
    assert [device.decrypted(body) for body in bodies] == [PLAIN, PLAIN]
