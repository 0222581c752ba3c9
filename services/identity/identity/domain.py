"""What the slices' domains share: names, addresses, languages, zones and countries, checked."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from zoneinfo import available_timezones

from chassis.domain import Invalid

LONGEST_NAME = 200
LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets

_EMAIL = re.compile(
    r"[^\s@\x00-\x1f<>(),;:\\\"\[\]]{1,64}@(?:[^\s@.\x00-\x1f/]+\.)+[^\s@.\x00-\x1f/]{2,63}"
)
_LOCALE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?")
_COUNTRY = re.compile(r"[A-Z]{2}")


def checked_name(text: str, pointer: str = "/name") -> str:
    """The name without blanks around it. Raises `Invalid` when empty, too long or not printable."""
    name = unicodedata.normalize("NFC", text.strip())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid.at(pointer, "name_length", f"A name has 1 to {LONGEST_NAME} characters.")
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise Invalid.at(pointer, "name_unprintable", "A name has no control characters.")
    return name


def name_key(name: str) -> str:
    """What two names that people would confuse have in common."""
    return unicodedata.normalize("NFKC", name).casefold()


def checked_email(text: str, pointer: str = "/email") -> str:
    """The address without blanks around it. Raises `Invalid` for what cannot be one."""
    address = unicodedata.normalize("NFC", text.strip())
    # What begins like an encoded word (RFC 2047) would be decoded by whoever writes it into a mail.
    if len(address) > LONGEST_EMAIL or not _EMAIL.fullmatch(address) or "=?" in address:
        raise Invalid.at(pointer, "email_invalid", "This is no e-mail address.")
    return address


def email_key(address: str) -> str:
    """What an address is compared by: without regard to case, also before the @."""
    return unicodedata.normalize("NFKC", address.strip()).casefold()


def checked_locale(tag: str, pointer: str = "/locale") -> str:
    """A language tag like `en` or `zh-Hant`. Raises `Invalid`."""
    if not _LOCALE.fullmatch(tag):
        raise Invalid.at(pointer, "locale_invalid", "This is no language tag like en or zh-Hant.")
    return tag


def checked_time_zone(name: str, pointer: str = "/time_zone") -> str:
    """An IANA zone like `Asia/Taipei`. Raises `Invalid`."""
    if name not in _zones():
        raise Invalid.at(pointer, "time_zone_unknown", f"There is no time zone {name[:50]!r}.")
    return name


def checked_country(code: str, pointer: str = "/country") -> str:
    """An ISO 3166 code like `TW`, or nothing. Raises `Invalid`."""
    if code and not _COUNTRY.fullmatch(code):
        raise Invalid.at(pointer, "country_invalid", "A country is two capital letters, like TW.")
    return code


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
