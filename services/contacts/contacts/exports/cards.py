"""People as vCards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from contacts.exports.tables import handle_text
from contacts.imports.formats.vcard_writer import CardContent
from contacts.quality.person import ContactEntry
from contacts.quality.postal_address import PostalAddress

Record = Mapping[str, Any]


def card_of(person: Record) -> CardContent:
    """What is written of a person, as the API shows one."""
    handles = person["handles"]
    birthday = [d["date"] for d in person["important_dates"] if d["kind"] == "birthday"]
    note = person["custom_fields"].get("note")
    return CardContent(
        uid=str(person["id"]),
        full_name=person["full_name"],
        given_name=person["given_name"],
        family_name=person["family_name"],
        emails=tuple(_entry(point, "address") for point in person["emails"]),
        phones=tuple(_entry(point, "number") for point in person["phones"]),
        line_ids=tuple(h["handle"] for h in handles if h["network"] == "line"),
        social_handles=tuple(handle_text(h) for h in handles if h["network"] != "line"),
        postal_addresses=tuple(map(_address, person["postal_addresses"])),
        birthday=date.fromisoformat(birthday[0]) if birthday else None,
        language=person["language"],
        time_zone=person["time_zone"],
        tags=tuple(person["tags"]),
        note=note if isinstance(note, str) else "",
    )


def _entry(point: Record, member: str) -> ContactEntry:
    return ContactEntry(point[member], point["label"], point["primary"])


def _address(address: Record) -> PostalAddress:
    return PostalAddress(
        tuple(address["lines"]),
        address["city"],
        address["region"],
        address["postal_code"],
        address["country"],
    )
