"""Reads how fresh contact points are, and who is about to be lost from sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.storage.listing import Listing
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.contact_points.documents import emails_of, handles_of, phones_of
from contacts.contact_points.domain import Channel, EmailPoint, Handle, PhonePoint
from contacts.contact_points.reaching import ContactPoint, points_of
from contacts.freshness.domain import freshness_of
from contacts.freshness.models import point_shown, shown
from contacts.freshness.storage import settings_of
from contacts.people.point_evidence import name_of
from contacts.people.queries import PEOPLE, REACHABLE, SEEN, get_person, list_people

GOING_SILENT = replace(
    PEOPLE,
    sorts={"last_seen_at": SEEN},
    default_sort="last_seen_at",
    filters={
        name: one
        for name, one in PEOPLE.filters.items()
        if name not in ("last_seen_at", "archived", "reachable")
    },
    searchable=False,
)


@dataclass(frozen=True, slots=True)
class _Points:
    emails: tuple[EmailPoint, ...]
    phones: tuple[PhonePoint, ...]
    handles: tuple[Handle, ...]


def get_settings(reading: Reading) -> dict[str, Any]:
    """How contact points age, as the API shows it."""
    return shown(settings_of(reading))


def contact_points_of(reading: Reading, person_id: UUID) -> dict[str, Any]:
    """How fresh each of a person's contact points is by now; of who was left, after a merge.

    Raises `NotFound`.
    """
    return {"items": points_shown(reading, get_person(reading, person_id))}


def points_shown(reading: Reading, person: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same of a person as `get_person` has read them."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": person["id"]}
    evidence = (reading.fetch_one(_EVIDENCE, about) or {}).get("point_evidence") or {}
    seen = {row["channel"]: row["seen_at"] for row in reading.fetch_all(_SEEN, about)}
    limits, now = settings_of(reading).limits, reading.clock.now()
    points = _Points(emails_of(person), phones_of(person), handles_of(person))
    shown_points = []
    for point in points_of(points):
        noted = evidence.get(name_of(point))
        proven_at = person["created_at"] if noted is None else datetime.fromisoformat(noted)
        fresh = freshness_of(point.status, proven_at, seen, _channels(point), limits, now)
        shown_points.append(point_shown(person["id"], point, fresh))
    return shown_points


def list_going_silent(reading: Reading, listing: Listing, within_days: int) -> dict[str, Any]:
    """A page of those who were seen, and whose last sign of life is too old within so many days.

    The next ones first. Whom nothing reaches any more is lost already, and left out.
    """
    lost = reading.clock.now() - settings_of(reading).limits.stale_after
    within = (lost < SEEN, lost + timedelta(days=within_days) >= SEEN, REACHABLE)
    return list_people(reading, listing, *within)


def _channels(point: ContactPoint) -> tuple[str, ...]:
    """The channels on which a sign of life proves a point."""
    match point.kind:
        case "email":
            return (Channel.EMAIL,)
        case "phone":
            return (Channel.PHONE, Channel.SMS)
    return (point.key.partition(":")[0],)


_EVIDENCE = Statement(
    "SELECT point_evidence FROM people WHERE tenant_id = %(tenant_id)s AND id = %(person_id)s"
)
_SEEN = Statement(
    "SELECT channel, seen_at FROM signs_of_life"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
)
