"""E-mail addresses: the same verdict as the library, the domain in normal form, one key for one mailbox."""

# ruff: noqa: RUF001 - full-width and look-alike characters are what is tested

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from contacts.quality.email_address import EmailAddress, normalise_email
from contacts.quality.problem import Problem


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Wang.XM@Gmail.COM", "Wang.XM@gmail.com"),
        ("  a@b.tw ", "a@b.tw"),
        ("mailto:a@b.tw", "a@b.tw"),
        ("Wang Xiao-Ming <wang@b.tw>", "wang@b.tw"),
        ("wang\uff20b\uff0etw", "wang@b.tw"),
        ("wang@b。tw", "wang@b.tw"),
        ("w\u200bang@b.tw", "wang@b.tw"),
        ("ｗａｎｇ@ｂ.ｔｗ", "wang@b.tw"),
        ("王@例子.台灣", "王@例子.台灣"),
        ("x@xn--fsqu00a.xn--kpry57d", "x@例子.台灣"),
        ('"a b"@c.com', '"a b"@c.com'),
    ],
)
def test_an_address_comes_out_in_normal_form(written: str, address: str) -> None:
    found = normalise_email(written)
    assert isinstance(found, EmailAddress)
    assert found.address == address
    assert f"{found.local}@{found.domain}" == address
    assert found.ascii_domain.isascii()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "email_empty"),
        ("wang", "email_without_at"),
        ("@b.tw", "email_without_local_part"),
        ("wang@", "email_without_domain"),
        ("a@b.tw, c@d.tw", "email_several"),
        ("test@test", "email_domain_invalid"),
        ("a@localhost", "email_domain_invalid"),
        ("a@-b.tw", "email_domain_invalid"),
        ("a@[127.0.0.1]", "email_domain_invalid"),
        ("a..b@c.tw", "email_invalid"),
        ("a b@c.tw", "email_invalid"),
        ("a" * 260 + "@c.tw", "email_too_long"),
        ("a@" + "b" * 600 + ".tw", "email_too_long"),
        ("\ud800@b.tw", "email_invalid"),
    ],
)
def test_an_address_that_cannot_exist_says_why(written: str, code: str) -> None:
    found = normalise_email(written)
    assert isinstance(found, Problem)
    assert (found.code, bool(found.message)) == (code, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wang@Acme.TW", "wang@acme.tw"),
        ("wang.xm+news@gmail.com", "WangXM@googlemail.com"),
        ("王@例子.台灣", "王@xn--fsqu00a.xn--kpry57d"),
    ],
)
def test_two_spellings_of_one_mailbox_have_one_key(one: str, other: str) -> None:
    first, second = normalise_email(one), normalise_email(other)
    assert isinstance(first, EmailAddress)
    assert isinstance(second, EmailAddress)
    assert first.match_key == second.match_key


def test_dots_and_plus_signs_count_where_no_provider_says_that_they_do_not() -> None:
    first, second = normalise_email("w.x+a@acme.tw"), normalise_email("wx@acme.tw")
    assert isinstance(first, EmailAddress)
    assert isinstance(second, EmailAddress)
    assert first.match_key != second.match_key


LOCAL_CHARACTERS = "abcXYZ019.+-_!#"
DOMAIN_CHARACTERS = "abcX09.-"


@given(
    st.text(LOCAL_CHARACTERS, min_size=1, max_size=70),
    st.text(DOMAIN_CHARACTERS, min_size=1, max_size=80),
)
def test_the_quick_way_gives_the_library_s_verdict(local: str, domain: str) -> None:
    written = f"{local}@{domain}"
    found = normalise_email(written)
    try:
        expected = validate_email(written, check_deliverability=False)
    except EmailNotValidError:
        assert isinstance(found, Problem)
    else:
        assert isinstance(found, EmailAddress)
        assert (found.address, found.ascii_domain) == (expected.normalized, expected.ascii_domain)


@given(st.text(max_size=120))
def test_no_text_makes_it_raise(text: str) -> None:
    assert isinstance(normalise_email(text), EmailAddress | Problem)


@given(st.emails())
def test_normalising_a_normal_form_changes_nothing(written: str) -> None:
    once = normalise_email(written)
    if isinstance(once, EmailAddress):
        assert normalise_email(once.address) == once
