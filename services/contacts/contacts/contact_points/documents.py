"""Contact points and external ids out of the documents in which they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contacts.contact_points.domain import (
    Address,
    ContactPointStatus,
    EmailPoint,
    ExternalId,
    Handle,
    PhonePoint,
)

Document = Mapping[str, Any]


def emails_of(document: Document) -> tuple[EmailPoint, ...]:
    """The e-mail addresses of a document."""
    return tuple(EmailPoint(**_point(stored)) for stored in document["emails"])


def phones_of(document: Document) -> tuple[PhonePoint, ...]:
    """The phone numbers of a document."""
    return tuple(PhonePoint(**_point(stored)) for stored in document["phones"])


def handles_of(document: Document) -> tuple[Handle, ...]:
    """The handles of a document."""
    return tuple(Handle(**_point(stored)) for stored in document["handles"])


def postal_addresses_of(document: Document) -> tuple[Address, ...]:
    """The postal addresses of a document."""
    return tuple(
        Address(**{**stored, "lines": tuple(stored["lines"])})
        for stored in document["postal_addresses"]
    )


def external_ids_of(document: Document) -> tuple[ExternalId, ...]:
    """What other systems call the record of a document."""
    return tuple(ExternalId(**stored) for stored in document["external_ids"])


def _point(stored: dict[str, Any]) -> dict[str, Any]:
    return {**stored, "status": ContactPointStatus(stored["status"])}
