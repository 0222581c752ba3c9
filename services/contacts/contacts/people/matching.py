"""Finds people who have a contact point or an external id already (CO-8, exact matches)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contacts.people.domain import PersonDetails
from contacts.quality.email_address import EmailAddress, normalise_email


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be the same person, and what says so: `email`, `phone`, `external_id`."""

    person_id: UUID
    full_name: str
    matched_on: tuple[str, ...]


def keys_of(details: PersonDetails) -> list[tuple[str, str]]:
    """What a person can be found by exactly: kind and key, in normal form."""
    keys = [("email", email_key(point.address)) for point in details.emails]
    keys += [("phone", point.number) for point in details.phones]
    keys += [("handle", f"{point.network}:{point.handle}") for point in details.handles]
    keys += [("tag", tag) for tag in details.tags]
    return list(dict.fromkeys(keys))


def email_key(address: str) -> str:
    """The form in which addresses are compared."""
    value = normalise_email(address)
    return value.match_key if isinstance(value, EmailAddress) else address.lower()
