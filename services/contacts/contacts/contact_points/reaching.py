"""At which of their contact points a person is reached on a channel, and what those are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid5

from contacts.contact_points.domain import (
    Channel,
    ContactPointStatus,
    EmailPoint,
    Handle,
    PhonePoint,
)
from contacts.contact_points.keys import email_key

_UNREACHED = (ContactPointStatus.BOUNCED, ContactPointStatus.INVALID)


class Reachable(Protocol):
    """Whatever has contact points."""

    @property
    def emails(self) -> Sequence[EmailPoint]:
        """The e-mail addresses."""
        ...

    @property
    def phones(self) -> Sequence[PhonePoint]:
        """The telephone numbers."""
        ...

    @property
    def handles(self) -> Sequence[Handle]:
        """The names on networks."""
        ...


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """One way to reach a person: `kind` and `key` are what the person can be found by."""

    kind: str
    key: str
    address: str
    status: ContactPointStatus
    primary: bool = False

    @property
    def serves(self) -> bool:
        """Whether it may still reach somebody."""
        return self.status not in _UNREACHED

    def id_of(self, person_id: UUID) -> UUID:
        """Its id among a person's contact points.

        Made from person, kind and normal form, since contact points are kept without ids: another
        address has another id, and the same one has the same id whoever enters it again.
        """
        return uuid5(person_id, f"contact-point:{self.kind}:{self.key}")


def points_of(who: Reachable) -> list[ContactPoint]:
    """All that somebody can be reached at but postal addresses, in their order."""
    emails = (
        ContactPoint("email", email_key(p.address), p.address, p.status, p.primary)
        for p in who.emails
    )
    phones = (ContactPoint("phone", p.number, p.number, p.status, p.primary) for p in who.phones)
    handles = (
        ContactPoint("handle", f"{p.network}:{p.handle}", p.handle, p.status) for p in who.handles
    )
    return [*emails, *phones, *handles]


def points_on(who: Reachable, channel: str) -> list[ContactPoint]:
    """Those that messages on a channel go to, the preferred one first.

    None on a channel that takes no messages: calls are made by people, and letters have no
    single line to go to.
    """
    served = [point for point in points_of(who) if _takes(point, channel)]
    return sorted(served, key=lambda point: not point.primary)


def preferred(points: Iterable[ContactPoint]) -> ContactPoint | None:
    """The first that may still reach somebody, else the first, if there is any."""
    known = list(points)
    return next((point for point in known if point.serves), known[0] if known else None)


def point_called(
    points: Iterable[ContactPoint], point_id: UUID, person_ids: Iterable[UUID]
) -> ContactPoint | None:
    """The one that has this id as a contact point of one of these people, who are one now."""
    owners = list(person_ids)
    named = (each for each in points if point_id in (each.id_of(owner) for owner in owners))
    return next(named, None)


def _takes(point: ContactPoint, channel: str) -> bool:
    match channel:
        case Channel.EMAIL:
            return point.kind == "email"
        case Channel.SMS:
            return point.kind == "phone"
        case Channel.LINE | Channel.CHAT:
            return point.kind == "handle" and point.key.startswith(f"{channel}:")
    return False
