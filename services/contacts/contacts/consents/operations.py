"""Notes what people allow; each function is one transaction."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict, DomainError, Invalid, NotFound
from contacts.consents.domain import (
    LINK_LASTS,
    ConfirmationAsked,
    Consent,
    ConsentKey,
    ConsentState,
    Saying,
)
from contacts.consents.links import ConsentLink
from contacts.contact_points.domain import Channel
from contacts.contact_points.reaching import ContactPoint, points_on, preferred
from contacts.merges.survivors import survivor_of
from contacts.people.domain import Person
from contacts.purposes.domain import KnownPurpose, LegalBasis, PurposeDefinition
from contacts.purposes.storage import purposes_by_key
from contacts.transaction import ContactsTx


@dataclass(frozen=True, slots=True)
class Heard:
    """What a caller tells of somebody; without a legal basis the purpose's own holds.

    `confirmed` says that the address itself has said so, and no message need ask it.
    """

    key: ConsentKey
    granted: bool
    source: str
    proof: str = ""
    legal_basis: LegalBasis | None = None
    said_at: datetime | None = None
    confirmed: bool = False


def record_consent(tx: ContactsTx, heard: Heard) -> Consent:
    """Note what somebody has said. Raises `NotFound`, `Invalid`, `Conflict`."""
    result = record_consents(tx, [heard])[0]
    if isinstance(result, DomainError):
        raise result
    return result


def record_consents(
    tx: ContactsTx, heard: Sequence[Heard | DomainError]
) -> list[Consent | DomainError]:
    """Note what people have said, each by itself: what refuses one leaves the others alone.

    No is always taken; yes is refused for an archived purpose or person, on a channel that the
    purpose does not use, and when it is to be confirmed at an address that there is not.
    """
    recording = _Recording(tx, [h for h in heard if isinstance(h, Heard)])
    return [h if isinstance(h, DomainError) else recording.result(h) for h in heard]


class _Recording:
    """Several sayings, with all that has to be known about them: three questions for all."""

    def __init__(self, tx: ContactsTx, heard: Sequence[Heard]) -> None:
        self._tx, self._now = tx, tx.clock.now()
        keys = [one.key for one in heard]
        people = tx.people.get_many(list({key.person_id for key in keys}))
        self._people = {person.id: person for person in people}
        self._purposes = purposes_by_key(tx, {key.purpose for key in keys})
        self._consents = tx.consents.of(self._people.keys(), self._purposes.keys())

    def result(self, heard: Heard) -> Consent | DomainError:
        """What somebody allows after this."""
        try:
            return self._recorded(heard)
        except DomainError as error:
            return error

    def _recorded(self, heard: Heard) -> Consent:
        person, purpose = (
            self._people.get(heard.key.person_id),
            self._purposes.get(heard.key.purpose),
        )
        if person is None:
            raise self._tx.people.absent(heard.key.person_id)
        if purpose is None:
            raise NotFound.of("purpose", heard.key.purpose)
        if heard.granted:
            _require_open(heard, purpose, person)
        known = self._consents.get(heard.key)
        consent = known or self._unsaid(heard.key)
        saying = _saying(heard, purpose.definition, consent)
        to_confirm = (
            saying.granted
            and purpose.definition.double_opt_in
            and saying.legal_basis is LegalBasis.CONSENT
            and not heard.confirmed
        )
        point = self._to_ask(person, consent) if to_confirm else None
        asks = consent.say(saying, self._now, to_confirm=to_confirm)
        if asks and point is not None:
            consent.ask(self._request(consent, point, purpose.definition), self._now)
        if known is None:
            self._consents[consent.key] = consent
            self._tx.consents.add(consent)
        return consent

    def _unsaid(self, key: ConsentKey) -> Consent:
        return Consent(id=self._tx.ids.new(), key=key, created_at=self._now, updated_at=self._now)

    def _to_ask(self, person: Person, consent: Consent) -> ContactPoint | None:
        """The address that is asked to confirm; None when the answer is known."""
        if consent.state is ConsentState.GRANTED:
            return None
        channel = consent.key.channel
        point = preferred(points_on(person.details, channel))
        if point is None or not point.serves:
            raise Conflict(
                f"The person cannot be asked to confirm: nothing reaches them by {channel}.",
                code="unreachable",
            )
        return point

    def _request(
        self, consent: Consent, point: ContactPoint, purpose: PurposeDefinition
    ) -> ConfirmationAsked:
        expires_at = (self._now + LINK_LASTS).replace(microsecond=0)
        links, tenant_id = self._tx.consent_links, self._tx.tenant_id
        link = ConsentLink(
            tenant_id=tenant_id,
            consent_id=consent.id,
            request_id=self._tx.ids.new(),
            round=consent.round,
            expires_at=expires_at,
            fingerprint=links.fingerprint(tenant_id, point),
        )
        return ConfirmationAsked(
            request_id=link.request_id,
            person_id=consent.key.person_id,
            channel=consent.key.channel,
            contact_point_id=point.id_of(consent.key.person_id),
            link=links.address(link),
            purpose_names=purpose.name,
            expires_at=expires_at,
        )


def withdraw_consents(
    tx: ContactsTx, person_id: UUID, purpose: str, channel: str, saying: Saying
) -> None:
    """Withdraw a person's consent for a purpose on a channel, or for all that is promotional.

    Of who was left, when the person was merged. With an empty `purpose` that is everything that
    could be allowed on the channel, so that what was said before and is told later allows nothing.
    Nothing happens about somebody who is gone, nor for a purpose or a channel that there is not.
    """
    person_id = survivor_of(tx, person_id) or person_id
    if channel not in set(Channel) or not tx.people.get_many([person_id]):
        return
    known = tx.consents.of([person_id])
    now = tx.clock.now()
    for key in _keys_to_withdraw(tx, person_id, purpose, Channel(channel), known):
        consent = known.get(key)
        if consent is None:
            consent = Consent(id=tx.ids.new(), key=key, created_at=now, updated_at=now)
            tx.consents.add(consent)
        elif consent.state is not ConsentState.NONE:
            saying = replace(saying, legal_basis=consent.standing.legal_basis)
        consent.say(saying, now)


def _keys_to_withdraw(
    tx: ContactsTx,
    person_id: UUID,
    purpose: str,
    channel: Channel,
    known: Container[ConsentKey],
) -> list[ConsentKey]:
    purposes = purposes_by_key(tx, [purpose] if purpose else None)
    keys = []
    for key, one in purposes.items():
        about = ConsentKey(person_id, key, channel)
        possible = channel in one.definition.channels and not one.archived
        if purpose or (one.definition.promotional and (possible or about in known)):
            keys.append(about)
    return keys


def _require_open(heard: Heard, purpose: KnownPurpose, person: Person) -> None:
    """Raises unless this purpose can be allowed by this person on this channel."""
    if purpose.archived:
        raise Conflict("The purpose is archived: nothing is sent for it.", code="archived")
    if person.archived_at is not None:
        raise Conflict("The person is archived; restore them first.", code="archived")
    if heard.key.channel not in purpose.definition.channels:
        named = ", ".join(purpose.definition.channels)
        message = f"{heard.key.purpose} is sent by {named}, not by {heard.key.channel}."
        raise Invalid.at("/channel", "channel_unused", message)


def _saying(heard: Heard, purpose: PurposeDefinition, consent: Consent) -> Saying:
    basis = heard.legal_basis or purpose.legal_basis
    if not heard.granted and consent.state is not ConsentState.NONE:
        basis = consent.standing.legal_basis  # what is withdrawn is what there was
    return Saying(heard.granted, basis, heard.source, heard.proof, heard.said_at)
