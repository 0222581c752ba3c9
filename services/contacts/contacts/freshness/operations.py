"""What administrators do to settings of freshness, and users to the status of a contact point."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict, NotFound
from contacts.contact_points.domain import ContactPointStatus
from contacts.contact_points.reaching import ContactPoint, point_called, points_of
from contacts.freshness.domain import FreshnessLimits, FreshnessSettings
from contacts.people.domain import Person
from contacts.people.point_status import note_point_status
from contacts.transaction import ContactsTx


def change_settings(tx: ContactsTx, limits: FreshnessLimits) -> FreshnessSettings:
    """Have contact points age otherwise. Raises `Invalid`."""
    settings = tx.freshness_settings.of_tenant()
    settings.change(limits)
    return settings


def set_status(
    tx: ContactsTx, person_id: UUID, point_id: UUID, status: ContactPointStatus
) -> tuple[Person, ContactPoint]:
    """Note what somebody has found out about a contact point; `verified` proves it anew.

    Raises `NotFound` for the person or the point, `Conflict` for an archived person.
    """
    person = tx.people.get(person_id)
    if person.archived_at is not None:
        raise Conflict("The person is archived; restore them first.", code="archived")
    point = point_called(points_of(person.details), point_id, [person_id])
    if point is None:
        raise NotFound.of("contact point", point_id)
    note_point_status(tx, person, point, status)
    return person, point
