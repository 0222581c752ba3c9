"""Phone numbers: E.164 whatever way they are written, and the quick way never disagrees with the library."""

# ruff: noqa: RUF001 - full-width and look-alike characters are what is tested

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from contacts.quality.dial_plan import plan_of_region
from contacts.quality.phone import Phone, normalise_phone
from contacts.quality.problem import Problem

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
}


def as_the_library_sees_it(text: str, region: str) -> Phone | None:
    """The number by `phonenumbers` alone, or None where it is not valid."""
    try:
        number = phonenumbers.parse(text, region or None)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return Phone(
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        phonenumbers.region_code_for_number(number) or "",
        KINDS.get(phonenumbers.number_type(number), "other"),
        number.extension or "",
    )


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("0912345678", "+886912345678"),
        ("0912-345-678", "+886912345678"),
        ("(02) 2345 6789", "+886223456789"),
        ("912345678", "+886912345678"),
        ("886912345678", "+886912345678"),
        ("+886 912 345 678", "+886912345678"),
        ("００８８６９１２", None),
        ("０９１２３４５６７８", "+886912345678"),
        ("＋８８６９１２３４５６７８", "+886912345678"),
        ("tel:+886-912-345-678", "+886912345678"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("+49 30 901820", "+4930901820"),
    ],
)
def test_a_number_becomes_e164_however_it_is_written(written: str, e164: str | None) -> None:
    found = normalise_phone(written, "TW")
    assert (found.e164 if isinstance(found, Phone) else None) == e164


def test_an_extension_is_kept_apart_from_the_number() -> None:
    assert normalise_phone("02-2345-6789#123", "TW") == Phone(
        "+886223456789", "TW", "fixed_line", "123"
    )


@pytest.mark.parametrize(
    ("written", "region", "code"),
    [
        ("", "TW", "phone_empty"),
        ("   ", "TW", "phone_empty"),
        ("call me", "TW", "phone_unreadable"),
        ("12", "TW", "phone_too_short"),
        ("+886 912 345 678 999 999", "TW", "phone_too_long"),
        ("0912345", "TW", "phone_invalid"),
        ("0912345678", "", "phone_country_missing"),
        ("+999 1234567", "TW", "phone_country_unknown"),
        ("0912345678 / 0223456789", "TW", "phone_several"),
        ("9" * 5000, "TW", "phone_too_long"),
        ("2345 6789", "US", "phone_too_short"),
    ],
)
def test_a_number_that_cannot_be_dialled_says_why(written: str, region: str, code: str) -> None:
    found = normalise_phone(written, region)
    assert isinstance(found, Problem)
    assert found.code == code
    assert found.message


@pytest.mark.parametrize("region", REGIONS)
def test_the_quick_way_agrees_with_the_library_on_numbers_of_every_country(region: str) -> None:
    for kind in range(11):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        national = phonenumbers.national_significant_number(example)
        code = example.country_code
        for text in (
            f"+{code}{national}",
            national,
            f"0{national}",
            f"1{national}",
            f"{code}{national}",
        ):
            expected = as_the_library_sees_it(text, region)
            found = normalise_phone(text, region)
            assert (found if isinstance(found, Phone) else None) == expected, text


@example(region="TW", digits="+046000000")
@given(
    region=st.sampled_from(
        ["TW", "US", "GB", "JP", "DE", "AU", "IL", "IT", "BR", "CN", "SG", "AR"]
    ),
    digits=st.from_regex(r"\+?[0-9]{3,16}", fullmatch=True),
)
def test_the_quick_way_agrees_with_the_library_on_any_digits(region: str, digits: str) -> None:
    found = normalise_phone(digits, region)
    assert (found if isinstance(found, Phone) else None) == as_the_library_sees_it(digits, region)


@given(st.text(max_size=80), st.sampled_from(["", "TW", "US"]))
def test_no_text_makes_it_raise(text: str, region: str) -> None:
    assert isinstance(normalise_phone(text, region), Phone | Problem)


@given(st.from_regex(r"09[0-9]{8}", fullmatch=True))
def test_normalising_a_normal_form_changes_nothing(written: str) -> None:
    once = normalise_phone(written, "TW")
    if isinstance(once, Phone):
        assert normalise_phone(once.e164, "TW") == once
        assert normalise_phone(once.e164, "") == once


def test_a_code_that_is_no_country_has_no_dialling_plan() -> None:
    assert plan_of_region("ZZ") is None
