"""Finds people who have a contact point or an external id already (CO-8, exact matches)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contacts.contact_points.keys import point_keys
from contacts.people.domain import PersonDetails

DUPLICATE_KINDS = ("email", "phone")
"""The keys by which two people are suspected to be one; many share a tag."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be the same person, and what says so: `email`, `phone`, `external_id`.

    `probability` is how likely that is by all that is known of both, where it was worked out.
    """

    person_id: UUID
    full_name: str
    matched_on: tuple[str, ...]
    probability: float | None = None


def keys_of(details: PersonDetails) -> list[tuple[str, str]]:
    """What a person can be found by exactly: kind and key, in normal form."""
    return point_keys(details.emails, details.phones, details.handles, details.tags)
