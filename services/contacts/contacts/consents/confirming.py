"""What becomes of a consent when its person follows the link: looking changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.domain import NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.consents.domain import Consent, LinkOutcome
from contacts.consents.links import ConsentLink, ConsentLinks
from contacts.consents.storage import consent_of
from contacts.contact_points.domain import Channel, ContactPointStatus
from contacts.contact_points.reaching import ContactPoint, points_on
from contacts.people.domain import Person, PersonDetails
from contacts.people.point_status import note_point_status
from contacts.people.storage import details_of
from contacts.purposes.domain import KnownPurpose, PurposeDefinition
from contacts.purposes.storage import purposes_by_key
from contacts.transaction import ContactsTx


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a page has to say, and in which language; no purpose when the link leads nowhere."""

    outcome: LinkOutcome
    language: str = ""
    channel: Channel | None = None
    purpose: PurposeDefinition | None = None


NOWHERE = Confirmation(LinkOutcome.INVALID)


def look_at(reading: Reading, links: ConsentLinks, link: ConsentLink) -> Confirmation:
    """What would become of the consent if the person agreed now."""
    about = {"tenant_id": link.tenant_id, "id": link.consent_id}
    consent_row = reading.fetch_one(_CONSENT, about)
    if consent_row is None:
        return NOWHERE
    consent = consent_of(consent_row)
    person_row = reading.fetch_one(_PERSON, {**about, "id": consent.key.person_id})
    purpose = purposes_by_key(reading, [consent.key.purpose]).get(consent.key.purpose)
    if person_row is None or purpose is None:
        return NOWHERE
    details = details_of(person_row)
    point = _point(links, link, details, consent.key.channel)
    outcome = consent.outcome_of(link.round, link.expires_at, reading.clock.now())
    return _told(outcome, consent, details, purpose, point)


def confirm(tx: ContactsTx, link: ConsentLink) -> Confirmation:
    """Take a person's yes, given at the address that the link went to; that proves the address.

    However often and by however many at once, it is taken once.
    """
    found = _locked(tx, link)
    if found is None:
        return NOWHERE
    person, consent = found
    purpose = purposes_by_key(tx, [consent.key.purpose]).get(consent.key.purpose)
    if purpose is None:
        return NOWHERE
    now = tx.clock.now()
    point = _point(tx.consent_links, link, person.details, consent.key.channel)
    outcome = consent.outcome_of(link.round, link.expires_at, now)
    told = _told(outcome, consent, person.details, purpose, point)
    if told.outcome is not LinkOutcome.CONFIRMABLE or point is None:
        return told
    consent.confirm(_proof(link, point, person), now)
    note_point_status(tx, person, point, ContactPointStatus.VERIFIED)
    return _told(LinkOutcome.CONFIRMED, consent, person.details, purpose, point)


def _locked(tx: ContactsTx, link: ConsentLink) -> tuple[Person, Consent] | None:
    """Person and consent, in the order in which everybody locks them; None when they are gone."""
    about = {"tenant_id": tx.tenant_id, "id": link.consent_id}
    row = tx.fetch_one(_CONSENT, about)
    if row is None:
        return None
    people = tx.people.get_many([row["person_id"]])
    try:
        consent = tx.consents.get(link.consent_id)
    except NotFound:
        return None
    if consent.key.person_id != row["person_id"]:  # it went to another in a merge just now
        people = tx.people.get_many([consent.key.person_id])
    return (people[0], consent) if people else None


def _point(
    links: ConsentLinks, link: ConsentLink, details: PersonDetails, channel: Channel
) -> ContactPoint | None:
    """The contact point that the link went to; None when the person has it no longer."""
    points = points_on(details, channel)
    known = (p for p in points if links.fingerprint(link.tenant_id, p) == link.fingerprint)
    return next(known, None)


def _told(
    outcome: LinkOutcome,
    consent: Consent,
    details: PersonDetails,
    purpose: KnownPurpose,
    point: ContactPoint | None,
) -> Confirmation:
    if outcome is LinkOutcome.CONFIRMABLE and purpose.archived:
        outcome = LinkOutcome.CLOSED
    elif outcome is LinkOutcome.CONFIRMABLE and point is None:
        outcome = LinkOutcome.MOVED
    return Confirmation(outcome, details.language, consent.key.channel, purpose.definition)


def _proof(link: ConsentLink, point: ContactPoint, person: Person) -> str:
    # Not where the call came from: customers leave no addresses of their networks here.
    return f"link of message request {link.request_id} to contact point {point.id_of(person.id)}"


_CONSENT = Statement("SELECT * FROM consents WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
_PERSON = Statement("SELECT * FROM people WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
