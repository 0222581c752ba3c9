"""Writes people as vCard 4.0 (RFC 6350), card by card."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from contacts.imports.formats.vcard_lines import escaped, folded
from contacts.quality.person import ContactEntry
from contacts.quality.postal_address import PostalAddress

_CHUNK = 64 * 1024
_TYPES = {"work": "work", "home": "home", "mobile": "cell", "cell": "cell"}


class CardContent(NamedTuple):
    """What is written of one person; empty fields are left out."""

    uid: str
    full_name: str
    given_name: str = ""
    family_name: str = ""
    emails: tuple[ContactEntry, ...] = ()
    phones: tuple[ContactEntry, ...] = ()
    line_ids: tuple[str, ...] = ()
    social_handles: tuple[str, ...] = ()
    postal_addresses: tuple[PostalAddress, ...] = ()
    company_name: str = ""
    job_title: str = ""
    birthday: date | None = None
    language: str = ""
    time_zone: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""


def write_vcards(people: Iterable[CardContent]) -> Iterator[bytes]:
    """The cards in chunks of bytes."""
    buffer = bytearray()
    for person in people:
        for line in _lines(person):
            buffer += folded(line)
        if len(buffer) >= _CHUNK:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def _lines(person: CardContent) -> Iterator[str]:
    yield "BEGIN:VCARD"
    yield "VERSION:4.0"
    yield f"UID:{escaped(person.uid)}"
    # FN is the one property that a card must have.
    yield f"FN:{escaped(person.full_name or person.uid)}"
    if person.given_name or person.family_name:
        yield f"N:{escaped(person.family_name)};{escaped(person.given_name)};;;"
    for email in person.emails:
        yield f"EMAIL{_parameters(email)}:{escaped(email.value)}"
    for phone in person.phones:
        yield f"TEL{_parameters(phone)};VALUE=text:{escaped(phone.value)}"
    yield from (f"IMPP:line:{escaped(line_id)}" for line_id in person.line_ids)
    yield from (f"IMPP:{escaped(handle)}" for handle in person.social_handles)
    yield from map(_address, person.postal_addresses)
    yield from _plain(person)
    yield "END:VCARD"


def _plain(person: CardContent) -> Iterator[str]:
    values = (
        ("ORG", person.company_name),
        ("TITLE", person.job_title),
        ("LANG", person.language),
        ("TZ", person.time_zone),
        ("NOTE", person.note),
    )
    yield from (f"{name}:{escaped(value)}" for name, value in values if value)
    if person.birthday is not None:
        yield f"BDAY:{person.birthday:%Y%m%d}"
    if person.tags:
        yield f"CATEGORIES:{','.join(map(escaped, person.tags))}"


def _parameters(entry: ContactEntry) -> str:
    kind = _TYPES.get(entry.label.lower(), "")
    return (f";TYPE={kind}" if kind else "") + (";PREF=1" if entry.primary else "")


def _address(address: PostalAddress) -> str:
    street = "\\n".join(map(escaped, address.lines))
    rest = (address.city, address.region, address.postal_code, address.country)
    return f"ADR:;;{street};{';'.join(map(escaped, rest))}"
