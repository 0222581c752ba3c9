"""E-mail addresses: syntax, the domain's normal form, and a key under which equal mailboxes compare equal.

The rules are those of `email-validator` without looking anything up; ordinary ASCII addresses are decided here with
one regular expression and a cache of domains, the others (quoted, internationalised, doubtful) by the library.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email
from email_validator.exceptions import EmailSyntaxError

from contacts.quality.problem import Problem, shown

MAX_EMAIL = 254
_ORDINARY = re.compile(
    r"([A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@([A-Za-z0-9.-]+)"
)
# Full stops and at signs of Chinese and Japanese keyboards, and the wrappings of mail programs.
_KEYBOARD_VARIANTS = str.maketrans({"\uff20": "@", "。": ".", "\uff0e": ".", "\uff61": "."})
_DISPLAY_FORM = re.compile(r"[^<>]*<([^<>]+)>")
_GOOGLE_DOMAINS = frozenset({"gmail.com", "googlemail.com"})


class EmailAddress(NamedTuple):
    """A well-formed address. `address` is shown and stored; `ascii_domain` is what a mail server is asked for."""

    address: str
    local: str
    domain: str
    ascii_domain: str
    match_key: str


def normalise_email(raw: str) -> EmailAddress | Problem:
    """The address behind what was typed; the local part is kept as written, the domain in lower case."""
    match = _ORDINARY.fullmatch(raw) if len(raw) <= MAX_EMAIL else None
    if match is None:
        return _unusual(raw)
    local, domain = match.groups()
    checked = _domain(domain.lower())
    if checked is None:
        return _with_library(raw)
    return _address(local, checked.domain, checked.ascii_domain)


def _address(local: str, domain: str, ascii_domain: str) -> EmailAddress:
    return EmailAddress(
        f"{local}@{domain}", local, domain, ascii_domain, email_match_key(local, ascii_domain)
    )


def email_match_key(local: str, ascii_domain: str) -> str:
    """Equal for two spellings of one mailbox.

    Local parts are compared without case (no provider of note tells them apart). Google documents that dots and
    anything behind a plus do not count in its mailboxes; of other providers nothing of the sort is assumed.
    """
    key = local.lower() if local.isascii() else unicodedata.normalize("NFKC", local).casefold()
    if ascii_domain in _GOOGLE_DOMAINS:
        return f"{key.partition('+')[0].replace('.', '') or key}@gmail.com"
    return f"{key}@{ascii_domain}"


class _Domain(NamedTuple):
    domain: str
    ascii_domain: str


@lru_cache(maxsize=8_192)
def _domain(domain: str) -> _Domain | None:
    """The domain's two forms, or None where it is not valid (the library then says why)."""
    try:
        checked = validate_email(f"a@{domain}", check_deliverability=False)
    except EmailNotValidError:
        return None
    return _Domain(checked.domain, checked.ascii_domain)


def _unusual(raw: str) -> EmailAddress | Problem:
    if len(raw) > MAX_EMAIL * 2:
        return Problem("email_too_long", f"an e-mail address has at most {MAX_EMAIL} characters")
    text = raw.translate(_KEYBOARD_VARIANTS).strip()
    text = text if text.isascii() else "".join(c for c in text if unicodedata.category(c) != "Cf")
    if not text.isascii():
        compatible = unicodedata.normalize("NFKC", text)
        text = compatible if compatible.isascii() else text
    if text[:7].lower() == "mailto:":
        text = text[7:]
    display = _DISPLAY_FORM.fullmatch(text)
    text = (display.group(1) if display else text).strip()
    if not text:
        return Problem("email_empty", "the e-mail address is empty")
    return normalise_email(text) if text != raw else _with_library(text)


def _with_library(text: str) -> EmailAddress | Problem:
    try:
        checked = validate_email(text, check_deliverability=False, allow_quoted_local=True)
    except EmailNotValidError as error:
        return _problem(error, text)
    except (UnicodeError, ValueError):
        return Problem("email_invalid", f"“{shown(text)}” is not an e-mail address")
    return _address(checked.local_part, checked.domain, checked.ascii_domain)


def _problem(error: EmailNotValidError, text: str) -> Problem:
    local, at, domain = text.rpartition("@")
    if not at:
        return Problem("email_without_at", f"“{shown(text)}” has no @ sign")
    if not local:
        return Problem("email_without_local_part", f"“{shown(text)}” has nothing before the @ sign")
    if not domain:
        return Problem("email_without_domain", f"“{shown(text)}” has nothing after the @ sign")
    if "@" in local and '"' not in local:
        return Problem(
            "email_several",
            f"“{shown(text)}” has more than one @ sign; give each address its own field",
        )
    reason = str(error).rstrip(".")
    if len(text) > MAX_EMAIL or "too long" in reason:
        return Problem("email_too_long", f"“{shown(text)}” is too long: {reason}")
    if _domain(domain.lower()) is None or not isinstance(error, EmailSyntaxError):
        return Problem("email_domain_invalid", f"“{shown(domain)}” cannot receive e-mail: {reason}")
    return Problem("email_invalid", f"“{shown(text)}” is not an e-mail address: {reason}")
