"""Flags entries that are well-formed but hardly true: invented people, keyboard rows, number sequences, dead mailboxes.

A flag is a hint for a person to look at, never a refusal: 0988888888 is somebody's expensive lucky number.
Severity says how sure it is: high (certainly not real), medium (probably not), low (worth a glance).
"""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from contacts.quality.email_address import EmailAddress
from contacts.quality.keyboard import is_keyboard_run, is_zhuyin
from contacts.quality.person import PersonRecord
from contacts.quality.phone import Phone
from contacts.quality.placeholders import (
    DISPOSABLE_DOMAINS,
    EXAMPLE_DOMAINS,
    INVENTED_PEOPLE,
    MISSPELT_DOMAINS,
    NEVER_A_NAME,
    NO_MAILBOX,
    NOT_A_WHOLE_NAME,
    SHARED_MAILBOXES,
)

OLDEST_PERSON = 120
_LOW, _MEDIUM, _HIGH = "low", "medium", "high"
_SEQUENCE = re.compile(
    r"0123456|1234567|2345678|3456789|4567890|0987654|9876543|8765432|7654321|6543210|(\d)\1{5}|(\d\d)\2{3}"
)
# North American numbers set aside for films and books.
_FICTIONAL = re.compile(r"\+1\d{3}55501\d\d")
_WORD = re.compile(r"[\w/]+")
_LINK = re.compile(r"https?:|www\.|\.(?:com|net|org)\b", re.IGNORECASE)
_DIGITS_IN_NAME = 6
# What systems write for “no birthday”.
_EMPTY_BIRTHDAYS = frozenset(
    {date(1900, 1, 1), date(1901, 1, 1), date(1970, 1, 1), date(1911, 1, 1), date(1912, 1, 1)}
)


class Flag(NamedTuple):
    """One doubt about one field."""

    code: str
    pointer: str
    message: str
    severity: str


def implausible_entries(record: PersonRecord, today: date) -> tuple[Flag, ...]:
    """Every doubt about a record in normal form."""
    flags: list[Flag] = []
    if record.full_name:
        flags += _name_flags(record.full_name)
        if record.emails and "@" not in record.full_name:
            flags += _name_from_email(record)
    for index, email in enumerate(record.emails):
        doubt = _email_doubt(email)
        if doubt is not None:
            code, message, severity = doubt
            flags.append(Flag(code, f"/emails/{index}/address", message, severity))
    for index, phone in enumerate(record.phones):
        doubt = _phone_doubt(phone)
        if doubt is not None:
            code, message, severity = doubt
            flags.append(Flag(code, f"/phones/{index}/number", message, severity))
    if record.birthday is not None:
        flags += _birthday_flags(record.birthday, today)
    return tuple(flags)


@lru_cache(maxsize=8_192)
def _name_flags(full_name: str) -> tuple[Flag, ...]:
    """The doubts about a name by itself; pure, so common names are judged once."""
    doubt = _name_doubt(full_name)
    return (Flag(doubt[0], "/full_name", doubt[1], doubt[2]),) if doubt is not None else ()


def _name_doubt(full_name: str) -> tuple[str, str, str] | None:
    name = full_name.casefold()
    if "@" in name:
        return "name_is_email", f"“{full_name}” is an e-mail address, not a name", _HIGH
    if sum(map(str.isdigit, name)) >= _DIGITS_IN_NAME:
        return "name_is_number", f"“{full_name}” is a number, not a name", _HIGH
    if _LINK.search(name):
        return "name_is_link", f"“{full_name}” holds a web address", _HIGH
    words = _WORD.findall(name)
    if " ".join(words) in INVENTED_PEOPLE or name in INVENTED_PEOPLE:
        return "name_invented", f"“{full_name}” is an invented person", _HIGH
    if any(word in NEVER_A_NAME for word in words):
        return "name_placeholder", f"“{full_name}” is a placeholder, not a name", _HIGH
    if words and all(word in NOT_A_WHOLE_NAME for word in words):
        return "name_placeholder", f"“{full_name}” is a placeholder, not a name", _HIGH
    return _typing_doubt(full_name, "".join(words), words)


def _typing_doubt(full_name: str, letters: str, words: list[str]) -> tuple[str, str, str] | None:
    """Doubts about how a name was typed rather than about what it says."""
    if any(map(is_keyboard_run, words)) or is_keyboard_run(letters):
        return "name_keyboard_row", f"“{full_name}” is neighbouring keys of a keyboard", _HIGH
    if letters and is_zhuyin(letters):
        return (
            "name_phonetic_symbols",
            f"“{full_name}” is phonetic symbols left by an input method",
            _MEDIUM,
        )
    if len(letters) == 1:
        return "name_single_character", f"“{full_name}” is a single character", _MEDIUM
    if len(letters) >= 3 and len(set(letters)) == 1:
        return "name_repeated_character", f"“{full_name}” is one character repeated", _HIGH
    if any(map(str.isdigit, letters)):
        return "name_has_digits", f"“{full_name}” has digits in it", _LOW
    if len(words) == 2 and words[0] == words[1]:
        return "name_parts_equal", f"“{full_name}” has the same given and family name", _LOW
    return None


def _name_from_email(record: PersonRecord) -> tuple[Flag, ...]:
    """A name copied from the address: equal to its local part, which no ordinary name is by chance."""
    name = record.full_name.casefold()
    if " " in name:
        return ()
    for email in record.emails:
        if email.local.casefold() == name and not name.isalpha():
            return (
                Flag(
                    "name_is_email",
                    "/full_name",
                    f"“{record.full_name}” is taken from the e-mail address",
                    _LOW,
                ),
            )
    return ()


@lru_cache(maxsize=16_384)
def _domain_doubt(ascii_domain: str) -> tuple[str, str, str] | None:
    if ascii_domain in EXAMPLE_DOMAINS or ascii_domain.endswith(
        (".example", ".example.com", ".example.org")
    ):
        return (
            "email_example_domain",
            f"{ascii_domain} is reserved for examples; nobody reads mail there",
            _HIGH,
        )
    if ascii_domain in DISPOSABLE_DOMAINS or ascii_domain.partition(".")[2] in DISPOSABLE_DOMAINS:
        return "email_disposable", f"{ascii_domain} hands out mailboxes that vanish", _MEDIUM
    if ascii_domain in MISSPELT_DOMAINS:
        return (
            "email_domain_misspelt",
            f"{ascii_domain} is probably {MISSPELT_DOMAINS[ascii_domain]}",
            _MEDIUM,
        )
    return None


def _email_doubt(email: EmailAddress) -> tuple[str, str, str] | None:
    doubt = _domain_doubt(email.ascii_domain)
    if doubt is not None:
        return doubt
    local = email.local.lower()
    if local in NO_MAILBOX or local == email.ascii_domain.partition(".")[0]:
        return (
            "email_placeholder",
            f"{email.address} is what people type who give no address",
            _MEDIUM,
        )
    if is_keyboard_run(local):
        return "email_keyboard_row", f"{email.address} is neighbouring keys of a keyboard", _MEDIUM
    if local in SHARED_MAILBOXES:
        return "email_shared", f"{email.address} is a mailbox for several people", _LOW
    return None


def _phone_doubt(phone: Phone) -> tuple[str, str, str] | None:
    if _SEQUENCE.search(phone.e164) is not None:
        return "phone_sequence", f"{phone.e164} is a sequence or a repetition of digits", _MEDIUM
    if _FICTIONAL.fullmatch(phone.e164) is not None:
        return "phone_fictional", f"{phone.e164} is set aside for films and books", _HIGH
    return None


def _birthday_flags(birthday: date, today: date) -> tuple[Flag, ...]:
    if birthday > today:
        return (Flag("birthday_in_future", "/birthday", f"{birthday} is still to come", _HIGH),)
    if birthday in _EMPTY_BIRTHDAYS:
        return (
            Flag(
                "birthday_default",
                "/birthday",
                f"{birthday} is what systems write for “unknown”",
                _MEDIUM,
            ),
        )
    if today.year - birthday.year > OLDEST_PERSON:
        message = f"{birthday} would make the person more than {OLDEST_PERSON} years old"
        return (Flag("birthday_too_long_ago", "/birthday", message, _HIGH),)
    return ()
