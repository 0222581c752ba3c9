"""Codes by the time and codes for the day when the telephone is lost: what is accepted, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4
from xml.etree import ElementTree as ET

import pyotp
import pytest

from chassis.domain import Conflict
from chassis.sealing import CannotUnseal, Sealer
from identity.factors.domain import (
    MOST_APPS,
    MOST_FACTORS,
    Factor,
    FactorKind,
    Passkey,
    Totp,
    Way,
    acceptable_steps,
    check_last,
    check_room,
    is_recovery_code,
    is_totp_code,
    methods_of,
    tidied_code,
)
from identity.factors.recovery import RecoveryCodes
from identity.factors.totp import TotpSecrets
from identity.sign_in.hashing import PasswordCost, PasswordHasher
from identity.sign_in.throttle import Throttle, TooManyAttempts

from ..provider import Provider

NOW = datetime(2024, 2, 1, 8, 30, 12, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30
SECRETS = TotpSecrets(Sealer(["a secret of the tests that is long enough"]))
USER = uuid4()


def factor(means: Totp | Passkey) -> Factor:
    return Factor.add(uuid4(), USER, "x", means, NOW)


APP = factor(Totp(b"x"))
KEY = factor(Passkey(b"id", b"key", 0, synced=False))


def shown(sealed: bytes, moment: datetime) -> str:
    """What an app shows at a moment."""
    secret = SECRETS.setup(sealed, USER, "ada@example.com", "Acme").secret
    return pyotp.TOTP(secret).at(moment)


def test_a_code_is_the_one_of_the_rfc() -> None:
    """RFC 6238, appendix B, with the eight digits cut to six."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    sealer = Sealer(["a secret of the tests that is long enough"])
    sealed = sealer.seal(secret.encode(), f"second factor of {USER}")
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        moment = datetime.fromtimestamp(seconds, UTC)
        assert TotpSecrets(sealer).matching_step(Totp(sealed), USER, code, moment) == seconds // 30


def test_a_step_before_and_after_is_accepted_and_no_further() -> None:
    sealed = SECRETS.new(USER)
    found = [
        SECRETS.matching_step(
            Totp(sealed), USER, shown(sealed, NOW + timedelta(seconds=30 * off)), NOW
        )
        for off in (-2, -1, 0, 1, 2)
    ]
    assert found == [None, STEP - 1, STEP, STEP + 1, None]


def test_no_step_is_accepted_twice_nor_one_before_it() -> None:
    assert list(acceptable_steps(NOW, None)) == [STEP, STEP - 1, STEP + 1]
    assert list(acceptable_steps(NOW, STEP - 1)) == [STEP, STEP + 1]
    assert list(acceptable_steps(NOW, STEP)) == [STEP + 1]
    assert list(acceptable_steps(NOW, STEP + 1)) == []


def test_a_clock_that_is_set_back_lets_no_used_code_in_again() -> None:
    assert list(acceptable_steps(NOW - timedelta(hours=1), STEP)) == []


def test_a_secret_opens_for_its_own_user_alone() -> None:
    sealed = SECRETS.new(USER)
    with pytest.raises(CannotUnseal):
        SECRETS.matching_step(Totp(sealed), uuid4(), "123456", NOW)


def test_what_the_app_is_told_survives_chinese_names_and_colons() -> None:
    setup = SECRETS.setup(SECRETS.new(USER), USER, "美玲@example.tw", "旅行社: 台北")
    parts = urlsplit(setup.uri)
    query = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Rapport (旅行社  台北):美玲@example.tw"
    assert query["issuer"] == ["Rapport (旅行社  台北)"]
    assert query["secret"] == [setup.secret]
    assert setup.shown_secret.replace(" ", "") == setup.secret


def test_the_picture_is_one_element_without_styles_or_scripts() -> None:
    svg = SECRETS.setup(SECRETS.new(USER), USER, "ada@example.com", "Acme").qr_svg
    root = ET.fromstring(svg)  # noqa: S314 - our own
    assert root.tag.endswith("svg")
    assert "viewBox" in root.attrib
    assert "style" not in svg
    assert "script" not in svg


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        (" 123 456 ", "123456"),
        ("\uff11\uff12\uff13\uff14\uff15\uff16", "123456"),  # full width
        ("\u0661\u0662\u0663\u0664\u0665\u0666", "123456"),  # Arabic
        ("4kj7-xwnr-3fhd", "4KJ7XWNR3FHD"),
        ("", ""),
        ("x" * 1_000, "X" * 60),
    ],
)
def test_what_is_typed_is_tidied(typed: str, tidied: str) -> None:
    assert tidied_code(typed) == tidied


def test_the_two_kinds_of_codes_are_told_apart() -> None:
    assert is_totp_code("123456")
    assert not any(map(is_totp_code, ("12345", "1234567", "12345X", "")))
    assert is_recovery_code("4KJ7XWNR3FHD")
    assert not any(map(is_recovery_code, ("123456", "4KJ7XWNR3FH", "0OIL1SZ2B8UE", "")))


def test_recovery_codes_are_ten_different_ones_without_look_alikes(provider: Provider) -> None:
    codes = RecoveryCodes(PasswordHasher(PasswordCost(1_024, 1), "a secret", 2), throttle(provider))
    first, second = codes.new(USER, uuid4()), codes.new(USER, uuid4())
    assert len(set(first.shown + second.shown)) == 20
    assert not set("".join(first.shown)) & set("0O1IL2Z5S8B6GUAE")
    assert all(is_recovery_code(tidied_code(code)) for code in first.shown)
    assert not any(code in stored for code in first.shown for stored in first.hashes)
    known = [(uuid4(), stored) for stored in first.hashes]
    assert codes.matching(tidied_code(first.shown[3]), known) == known[3][0]
    assert codes.matching(tidied_code(second.shown[3]), known) is None
    assert codes.matching("4KJ7XWNR3FHD", []) is None


def test_nobody_has_codes_made_all_the_time(provider: Provider) -> None:
    hasher, user = PasswordHasher(PasswordCost(1_024, 1), "a secret", 2), uuid4()
    codes = RecoveryCodes(hasher, throttle(provider))
    for _ in range(6):
        codes.new(USER, user)
    with pytest.raises(TooManyAttempts):
        codes.new(USER, user)
    assert hasher.made == 60
    provider.move(minutes=1)
    assert len(codes.new(USER, user).shown) == 10


def throttle(provider: Provider) -> Throttle:
    """Counts of a database of the tests'."""
    return provider.parts.throttle


def test_there_is_room_for_so_many() -> None:
    check_room([APP] * (MOST_APPS - 1), FactorKind.TOTP)
    with pytest.raises(Conflict):
        check_room([APP] * MOST_APPS, FactorKind.TOTP)
    check_room([APP] * MOST_APPS, FactorKind.PASSKEY)
    with pytest.raises(Conflict):
        check_room([KEY] * MOST_FACTORS, FactorKind.PASSKEY)


def test_the_last_one_stays_where_it_is_required() -> None:
    check_last([APP, KEY], required=True)
    check_last([APP], required=False)
    with pytest.raises(Conflict):
        check_last([APP], required=True)


def test_ways_have_the_names_of_the_rfc() -> None:
    assert methods_of(Way.PASSWORD) == ("pwd",)
    assert methods_of(Way.TOTP) == methods_of(Way.RECOVERY_CODE) == ("pwd", "otp", "mfa")
    assert methods_of(Way.PASSKEY, Passkey(b"", b"", 0, synced=False)) == ("pwd", "hwk", "mfa")
    assert methods_of(Way.PASSKEY, Passkey(b"", b"", 0, synced=True)) == ("pwd", "swk", "mfa")
