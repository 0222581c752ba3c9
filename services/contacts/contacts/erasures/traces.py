"""By what an erased person can still be recognised, for a while, where nothing but words tells who is meant.

Others hold back what visitors of a web site have sent, or keep texts, without knowing whose they are: no id
leads there. So for `KEPT` after an erasure contacts can say of such words whether they are the person's. It
keeps no word for that: only digests under a key that is in no database, each for one person alone.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Container, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import phonenumbers

from contacts.companies.matching import name_key
from contacts.contact_points.keys import email_key
from contacts.people.domain import PersonDetails
from contacts.quality.phone import Phone, normalise_phone

KEPT = timedelta(days=40)
"""Longer than facts are: whoever hears of an erasure late finds out all the same."""
EMAIL, NUMBER, NAME = "email", "number", "name"
SHARED = "shared "
"""Stands before the kind of what somebody else had as well when the person was erased."""
Mark = tuple[str, str]
"""A kind, and what is compared."""

_EMAIL = re.compile(r"[^\s<>()\[\]\"'`,;:|]{1,64}@[^\s<>()\[\]\"'`,;:|@]{3,255}")
_NUMBER = re.compile(r"\+?\d[\d\s().\-/]{4,40}\d")
_COUNTRY = re.compile("[A-Za-z]{2}")
_SHORTEST = 6
"""Digits that a number has at least to be one that could be somebody's."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody has said of themselves without an id, or a text that may tell of somebody."""

    given_name: str = ""
    family_name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    country: str = ""
    text: str = ""

    @property
    def names(self) -> AbstractSet[Mark]:
        """The name, in either order."""
        return _names("", self.given_name, self.family_name)

    @property
    def marks(self) -> AbstractSet[Mark]:
        """All that may be compared."""
        given = self.addresses | self.numbers
        return self.names | given | self.in_text | _shared(given)

    @property
    def addresses(self) -> AbstractSet[Mark]:
        """The e-mail addresses."""
        return {(EMAIL, email_key(one.strip())) for one in self.emails if one.strip()}

    @property
    def numbers(self) -> AbstractSet[Mark]:
        """The telephone numbers, as they were written and as they are called."""
        found: set[Mark] = set()
        country = self.country.upper() if _COUNTRY.fullmatch(self.country) else ""
        for raw in self.phones:
            found |= _numbers(raw)
            number = normalise_phone(raw, country)
            if isinstance(number, Phone):
                found |= _numbers(number.e164)
        return found

    @property
    def in_text(self) -> AbstractSet[Mark]:
        """Addresses and numbers that stand in the text."""
        text = unicodedata.normalize("NFKC", self.text)
        found = {(EMAIL, email_key(one.rstrip(".!?。"))) for one in _EMAIL.findall(text)}
        for raw in _NUMBER.findall(text):
            found |= _numbers(raw)
        return found

    def tell_of(self, known: AbstractSet[Mark]) -> bool:
        """Whether they are of the one with these marks: `MatchOrCreatePerson` has much the same rules.

        By an e-mail address, or by a number with the same name or with none; in a text by either alone.
        What somebody else had as well tells nothing, but with the same name.
        """
        given = self.addresses | self.numbers
        if (self.addresses | self.in_text) & known:
            return True
        if self.names & known:
            return bool((given | _shared(given)) & known)
        return not self.names and bool(self.numbers & known)


class TraceKey:
    """Makes digests that nobody can compare with anything who does not have the secret."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"erased-people:" + secret.encode()).digest()

    def digest(self, tenant_id: UUID, person_id: UUID, mark: Mark) -> bytes:
        """The digest of a mark, for one person: of another one, the same mark has another."""
        about = b"\0".join((tenant_id.bytes, person_id.bytes, *(part.encode() for part in mark)))
        return hmac.digest(self._key, about, "sha256")


def marks_of(people: Iterable[PersonDetails], shared: Container[Mark] = ()) -> AbstractSet[Mark]:
    """By what a person, and those merged into them, can be recognised.

    `shared` are those of their contact points, by kind and key (`point_keys`), that others have as well.
    """
    found: set[Mark] = set()
    for details in people:
        for email in details.emails:
            key = email_key(email.address)
            mark = {(EMAIL, key)}
            found |= _shared(mark) if ("email", key) in shared else mark
        for phone in details.phones:
            marks = _numbers(phone.number) | _numbers(_national(phone.number))
            found |= _shared(marks) if ("phone", phone.number) in shared else marks
        found |= _names(details.full_name, details.given_name, details.family_name)
    return found


def _shared(marks: AbstractSet[Mark]) -> AbstractSet[Mark]:
    return {(f"{SHARED}{kind}", text) for kind, text in marks}


def _numbers(raw: str) -> AbstractSet[Mark]:
    """Without what is written for a trunk or for abroad: 0912…, 912… and 00886912… have to be found."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", raw)).lstrip("0")
    return {(NUMBER, digits)} if len(digits) >= _SHORTEST else set()


def _national(e164: str) -> str:
    try:
        return str(phonenumbers.parse(e164).national_number)
    except phonenumbers.NumberParseException:
        return ""


def _names(full_name: str, given_name: str, family_name: str) -> AbstractSet[Mark]:
    written = (full_name, f"{given_name} {family_name}", f"{family_name} {given_name}")
    return {(NAME, key) for key in map(name_key, written) if key}
