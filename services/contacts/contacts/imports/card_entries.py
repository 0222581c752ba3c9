"""What a vCard, or a line of NDJSON, says about a person."""

from __future__ import annotations

from typing import Any

import orjson

from chassis.domain import DomainError, Violation
from chassis.http.body import parse_json, validate
from contacts.contact_points.domain import Address, EmailPoint, PhonePoint
from contacts.imports.entries import Entry, add_birthday, add_external_id, add_handle, add_tag
from contacts.imports.formats.vcard_reader import Card
from contacts.people.models import PersonIn, changes_of
from contacts.quality.person import PersonEntry


def entry_of_card(card: Card) -> Entry:
    """The person of a card."""
    person = card.entry
    lists: dict[str, tuple[Any, ...]] = {
        "emails": tuple(EmailPoint(p.value, p.label, p.primary) for p in person.emails),
        "phones": tuple(PhonePoint(p.value, p.label, p.primary) for p in person.phones),
        "postal_addresses": tuple(Address(*address) for address in person.postal_addresses),
    }
    plain = ("given_name", "family_name", "full_name", "language", "time_zone")
    changes = {name: getattr(person, name) for name in plain if getattr(person, name)}
    entry = Entry(
        {**changes, **{name: values for name, values in lists.items() if values}},
        [],
        person.company_name,
        person.job_title,
    )
    _add_names(entry, person)
    if person.custom:
        entry.changes["custom_fields"] = dict(person.custom)
    if person.birthday:
        add_birthday(entry, person.birthday, day_first=None)
    return entry


def _add_names(entry: Entry, person: PersonEntry) -> None:
    """Take what is kept as it is written; nothing after this looks how long it is."""
    for name in person.line_ids:
        add_handle(entry, name, "line")
    for text in person.social_handles:
        add_handle(entry, text)
    for tag in person.tags:
        add_tag(entry, tag)
    for system, key in person.external_ids:
        add_external_id(entry, system, key)


def entry_of_object(value: dict[str, Any]) -> Entry:
    """The person of a JSON object, which is as the API takes one."""
    wanted = {name: held for name, held in value.items() if name != ERRORS_MEMBER}
    try:
        raw = orjson.dumps(wanted)
        parse_json(raw)
        return Entry(changes_of(validate(PersonIn, raw)), [])
    except DomainError as error:
        wrong = error.violations or (Violation("", error.code, error.message),)
        return Entry({}, list(wrong))


ERRORS_MEMBER = "import_errors"
"""What an errors file adds to a row; it is no part of the row when it comes back."""
