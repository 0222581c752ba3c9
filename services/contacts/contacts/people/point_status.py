"""Notes what became known about one of a person's contact points: it bounced, it was proven."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from contacts.contact_points.domain import ContactPointStatus
from contacts.contact_points.keys import email_key
from contacts.contact_points.reaching import ContactPoint, point_called, points_of
from contacts.merges.survivors import survivor_of
from contacts.people.domain import Person, PersonDetails
from contacts.people.point_evidence import name_of
from contacts.transaction import ContactsTx


def note_point_status(
    tx: ContactsTx, person: Person, point: ContactPoint, status: ContactPointStatus
) -> None:
    """Give a person's contact point another status; nothing happens when it has that one.

    What is verified is noted each time, since it is fresh again then. Of an archived person, too: what
    is known of an address does not wait for its owner's return.
    """
    details, now = _with_status(person.details, point, status), tx.clock.now()
    if status is ContactPointStatus.VERIFIED:
        person.prove(name_of(point), details, now)
    else:
        person.learn(details, now)


def note_bounce(tx: ContactsTx, person_id: UUID, point_id: UUID) -> None:
    """Note that a person's contact point takes no messages.

    Nothing happens when the person has it no longer, or is gone. Whoever was merged is who was left.
    """
    for person in tx.people.get_many([survivor_of(tx, person_id) or person_id]):
        point = point_called(points_of(person.details), point_id, {person.id, person_id})
        if point is not None:
            note_point_status(tx, person, point, ContactPointStatus.BOUNCED)


def note_return(tx: ContactsTx, person_id: UUID, point_id: UUID) -> None:
    """Note that a person's contact point, which had bounced, takes messages again.

    Nothing more is known of it then: that it is the person who is there was not proven. For the
    rest as `note_bounce`.
    """
    for person in tx.people.get_many([survivor_of(tx, person_id) or person_id]):
        point = point_called(points_of(person.details), point_id, {person.id, person_id})
        if point is not None and point.status is ContactPointStatus.BOUNCED:
            note_point_status(tx, person, point, ContactPointStatus.UNVERIFIED)


def with_known_statuses(details: PersonDetails, known: PersonDetails) -> PersonDetails:
    """The details with the statuses that contact points had before.

    Whoever enters a list of addresses again says nothing about whether they bounce.
    """
    if all(point.status is ContactPointStatus.UNVERIFIED for point in points_of(known)):
        return details  # as nearly all are that imports change
    emails = {email_key(point.address): point.status for point in known.emails}
    phones = {point.number: point.status for point in known.phones}
    handles = {(point.network, point.handle): point.status for point in known.handles}
    return replace(
        details,
        emails=tuple(
            replace(p, status=emails.get(email_key(p.address), p.status)) for p in details.emails
        ),
        phones=tuple(replace(p, status=phones.get(p.number, p.status)) for p in details.phones),
        handles=tuple(
            replace(p, status=handles.get((p.network, p.handle), p.status)) for p in details.handles
        ),
    )


def _with_status(
    details: PersonDetails, point: ContactPoint, status: ContactPointStatus
) -> PersonDetails:
    match point.kind:
        case "email":
            emails = tuple(
                replace(p, status=status) if email_key(p.address) == point.key else p
                for p in details.emails
            )
            return replace(details, emails=emails)
        case "phone":
            phones = tuple(
                replace(p, status=status) if p.number == point.key else p for p in details.phones
            )
            return replace(details, phones=phones)
    handles = tuple(
        replace(p, status=status) if f"{p.network}:{p.handle}" == point.key else p
        for p in details.handles
    )
    return replace(details, handles=handles)
