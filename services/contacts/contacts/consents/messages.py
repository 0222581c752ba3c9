"""Consents and contact points as gRPC messages, and what a request says of them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.domain import Invalid
from contacts.consents.domain import Consent, ConsentKey, ConsentState
from contacts.consents.operations import Heard
from contacts.consents.recipients import ConsentAnswer
from contacts.contact_points.domain import Channel
from contacts.contact_points.reaching import ContactPoint
from contacts.purposes.domain import KnownPurpose
from rapport.contacts.v1 import consent_pb2
from rapport.contacts.v1 import contacts_service_pb2 as messages

LONGEST_SOURCE = 100
LONGEST_PROOF = 500


def contact_point_message(point: ContactPoint, person_id: UUID) -> messages.ContactPoint:
    """A contact point of a person."""
    return messages.ContactPoint(
        address=point.address,
        status=point.status,
        contact_point_id=str(point.id_of(person_id)),
    )


def consent_message(answer: ConsentAnswer) -> consent_pb2.Consent:
    """What was said, with the purpose's names."""
    return consent_pb2.Consent(
        consent_id="" if answer.id is None else str(answer.id),
        purpose=answer.purpose.definition.key,
        purpose_names=answer.purpose.definition.name,
        channel=answer.channel,
        state=_STATES[answer.state],
    )


def recorded_message(consent: Consent, purpose: KnownPurpose) -> consent_pb2.Consent:
    """What counts after something was said."""
    answer = ConsentAnswer(consent.id, purpose, consent.key.channel, consent.state)
    return consent_message(answer)


def heard_in(request: messages.RecordConsentRequest, person_id: UUID) -> Heard:
    """What a request tells. Raises `Invalid` that names the field."""
    if request.channel not in set(Channel):
        message = f"channel has to be one of {', '.join(Channel)}."
        raise Invalid.at("channel", "channel_unknown", message)
    if not 1 <= len(request.source) <= LONGEST_SOURCE:
        message = f"source has to have 1 to {LONGEST_SOURCE} characters."
        raise Invalid.at("source", "out_of_bounds", message)
    if len(request.proof) > LONGEST_PROOF:
        message = f"proof has at most {LONGEST_PROOF} characters."
        raise Invalid.at("proof", "out_of_bounds", message)
    if "\x00" in f"{request.source}{request.proof}{request.purpose}":
        raise Invalid.at("source", "contains_nul", "No text can contain the character U+0000.")
    return Heard(
        key=ConsentKey(person_id, request.purpose, Channel(request.channel)),
        granted=request.granted,
        source=request.source,
        proof=request.proof,
        said_at=_time(request.said_at) if request.HasField("said_at") else None,
        # Unless told otherwise: the page is reached by a message to the address alone.
        confirmed=not request.to_confirm,
    )


def _time(moment: Timestamp) -> datetime:
    try:
        return moment.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise Invalid.at("said_at", "out_of_bounds", "said_at is no time.") from None


_STATES = {
    ConsentState.NONE: consent_pb2.CONSENT_STATE_UNSPECIFIED,
    ConsentState.PENDING: consent_pb2.CONSENT_STATE_PENDING,
    ConsentState.GRANTED: consent_pb2.CONSENT_STATE_GRANTED,
    ConsentState.WITHDRAWN: consent_pb2.CONSENT_STATE_WITHDRAWN,
}
