"""Phone numbers to E.164, with a short way for well-formed ones and `phonenumbers` for the rest."""

import re
import unicodedata
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

from contacts.quality.dial_plan import plan_of_international, plan_of_region
from contacts.quality.problem import Problem, shown

MAX_PHONE = 60
_SHORTEST = 5

_PUNCTUATION = str.maketrans("", "", " -().\u00a0\u2010\u2011\u2012\u2013\u2014\u2212\u30fc")
_SEVERAL = re.compile(r"\d{6,}\s*[/,;、；]\s*\(?\+?\d{6,}")
_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
}


class Phone(NamedTuple):
    """A valid number. `e164` is also its key for comparing; `kind` tells whether a text message may reach it."""

    e164: str
    region: str
    kind: str
    extension: str = ""


def normalise_phone(raw: str, default_region: str = "") -> Phone | Problem:
    """The number behind what was typed; `default_region` (ISO 3166) reads numbers written without a country."""
    if len(raw) > MAX_PHONE:
        return Problem(
            "phone_too_long", f"a phone number is written in at most {MAX_PHONE} characters"
        )
    text = raw if raw.isascii() else unicodedata.normalize("NFKC", raw)
    digits = text if text.isdigit() or text[1:].isdigit() else text.translate(_PUNCTUATION)
    return _ordinary(digits, default_region) or _with_library(text.strip(), default_region)


def _ordinary(digits: str, default_region: str) -> Phone | None:
    """The number, where the dialling plan settles it; None where the library has to look."""
    if digits[:1] == "+":
        return _international(digits[1:])
    if not (digits.isascii() and digits.isdigit()):
        return None
    plan = plan_of_region(default_region) if default_region else None
    if (
        plan is None
        or plan.trunk is None
        or plan.possible.fullmatch(digits)
        or plan.abroad.match(digits)
    ):
        return None
    for prefix in (plan.trunk, plan.calling_code):
        if prefix and digits.startswith(prefix):
            found = _international(plan.calling_code + digits[len(prefix) :])
            return found if found is not None and found.region == plan.region else None
    return None


def _international(digits: str) -> Phone | None:
    if len(digits) < _SHORTEST or not (digits.isascii() and digits.isdigit()):
        return None
    plan = plan_of_international(digits[:3])
    if plan is None or plan.trunk is None:
        return None
    national = digits[len(plan.calling_code) :]
    if plan.trunk and national.startswith(plan.trunk):
        return None
    kind = plan.kind(national)
    return Phone(f"+{digits}", plan.region, kind) if kind is not None else None


def _with_library(text: str, default_region: str) -> Phone | Problem:
    if not text:
        return Problem("phone_empty", "the phone number is empty")
    if _SEVERAL.search(text):
        return Problem(
            "phone_several", f"“{shown(text)}” holds several numbers; give each its own field"
        )
    try:
        number = phonenumbers.parse(text, default_region or None)
    except NumberParseException as error:
        return _unparsable(error, text, default_region)
    if not phonenumbers.is_valid_number(number):
        return _invalid(number, text)
    return Phone(
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        phonenumbers.region_code_for_number(number) or "",
        _KINDS.get(phonenumbers.number_type(number), "other"),
        number.extension or "",
    )


def _unparsable(error: NumberParseException, text: str, default_region: str) -> Problem:
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        if text.startswith("+") or default_region:
            return Problem(
                "phone_country_unknown", f"“{shown(text)}” has no known country calling code"
            )
        return Problem(
            "phone_country_missing",
            f"“{shown(text)}” needs its country code (+…), as no default country is set",
        )
    if error.error_type == NumberParseException.TOO_LONG:
        return Problem("phone_too_long", f"“{shown(text)}” has too many digits")
    if error.error_type in {
        NumberParseException.TOO_SHORT_NSN,
        NumberParseException.TOO_SHORT_AFTER_IDD,
    }:
        return Problem("phone_too_short", f"“{shown(text)}” has too few digits")
    return Problem("phone_unreadable", f"“{shown(text)}” is not a phone number")


def _invalid(number: phonenumbers.PhoneNumber, text: str) -> Problem:
    country = phonenumbers.region_code_for_country_code(number.country_code or 0)
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == ValidationResult.TOO_SHORT:
        return Problem("phone_too_short", f"“{shown(text)}” has too few digits for {country}")
    if reason == ValidationResult.TOO_LONG:
        return Problem("phone_too_long", f"“{shown(text)}” has too many digits for {country}")
    if reason == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return Problem("phone_area_missing", f"“{shown(text)}” lacks its area code")
    return Problem("phone_invalid", f"“{shown(text)}” is not a number in use in {country}")
