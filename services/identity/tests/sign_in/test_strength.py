"""Which passwords will do."""

from __future__ import annotations

import string

import pytest

from chassis.domain import Invalid
from identity.sign_in.strength import _bounded, check_password

TEXTS = ("Ada Chen", "ada.chen@example.com", "ada.chen", "Acme Trading", "rapport")


def refusal(password: str, shortest: int = 10, score: int = 3) -> str:
    """The code with which a password is refused, or nothing."""
    try:
        check_password(password, TEXTS, shortest=shortest, score=score)
    except Invalid as error:
        (violation,) = error.violations
        assert violation.pointer == "/password"
        assert not password or password not in violation.message
        return violation.code
    return ""


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "vukog-38-lampen",
        "我的貓今天又偷吃了魚乾三條",
        "q7#Lm2!vTx9@",
        "x" * 5 + " trampoline giraffe 92 soup",
    ],
)
def test_a_password_that_is_hard_to_guess_will_do(password: str) -> None:
    assert refusal(password) == ""


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("", "password_too_short"),
        ("x" * 257, "password_too_long"),
        ("password1234", "password_known"),
        ("Passw0rd!!!!", "password_known"),
        ("1q2w3e4r5t6y", "password_known"),
        ("AdaChen2024!", "password_personal"),
        ("ada.chen@example.com", "password_personal"),
        ("acmetrading99", "password_personal"),
        ("aaaaaaaaaaaaaaaa", "password_guessable"),
        ("abcdefghijklmnop", "password_guessable"),
        ("zaq12wsxcde3", "password_guessable"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str, code: str) -> None:
    assert refusal(password) == code


def test_organisations_may_ask_for_more() -> None:
    assert refusal("vukog-38-lampen", shortest=20) == "password_too_short"
    assert refusal("ketchup battery") == ""
    assert refusal("ketchup battery", score=4) == "password_guessable"


def test_what_is_measured_is_bounded_however_long_and_strange_the_password() -> None:
    measured = _bounded("4@8({[<369&#!1/|0$5+7%2" * 10)
    assert len(measured) == 48
    assert len(set(measured) & set("4@8({[<369&#!1/|0$5+7%2")) == 6
    assert _bounded("an ordinary one") == "an ordinary one"


def test_users_with_different_words_do_not_disturb_each_other() -> None:
    others = tuple(string.ascii_lowercase[n : n + 5] for n in range(20))
    check_password("trampoline giraffe", others, shortest=10, score=3)
    assert refusal("AdaChen2024!") == "password_personal"
