"""Recorded facts about consents to protobuf, and the request for a confirmation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from contacts.consents.domain import (
    ConfirmationAsked,
    ConsentGranted,
    ConsentRequested,
    ConsentWithdrawn,
)
from contacts.purposes.domain import LegalBasis, PurposeDefined
from rapport.contacts.events.v1 import consent_events_pb2 as events
from rapport.contacts.requests.v1.send_message_pb2 import SendMessage
from rapport.contacts.v1 import consent_pb2

CONFIRMATION = "consent_confirmation"
"""The key of the template that notifications has for this."""


def _purpose_defined(fact: PurposeDefined) -> events.PurposeDefined:
    definition = fact.definition
    return events.PurposeDefined(
        purpose_id=str(fact.purpose_id),
        key=definition.key,
        promotional=definition.promotional,
        double_opt_in=definition.double_opt_in,
        archived=fact.archived,
    )


def _legal_basis(basis: LegalBasis) -> consent_pb2.LegalBasis.ValueType:
    return consent_pb2.LegalBasis.Value(f"LEGAL_BASIS_{basis.upper()}")


def _consent_requested(fact: ConsentRequested) -> events.ConsentRequested:
    return events.ConsentRequested(
        consent_id=str(fact.consent_id),
        person_id=str(fact.key.person_id),
        purpose=fact.key.purpose,
        channel=fact.key.channel,
    )


def _consent_granted(fact: ConsentGranted) -> events.ConsentGranted:
    return events.ConsentGranted(
        consent_id=str(fact.consent_id),
        person_id=str(fact.key.person_id),
        purpose=fact.key.purpose,
        channel=fact.key.channel,
        legal_basis=_legal_basis(fact.legal_basis),
        source=fact.source,
    )


def _consent_withdrawn(fact: ConsentWithdrawn) -> events.ConsentWithdrawn:
    return events.ConsentWithdrawn(
        consent_id=str(fact.consent_id),
        person_id=str(fact.key.person_id),
        purpose=fact.key.purpose,
        channel=fact.key.channel,
        source=fact.source,
    )


def _confirmation_asked(fact: ConfirmationAsked) -> SendMessage:
    message = SendMessage()
    request = message.request
    request.request_id = str(fact.request_id)
    request.person_id = str(fact.person_id)
    request.template = CONFIRMATION
    request.channel = fact.channel
    request.contact_point_id = str(fact.contact_point_id)
    request.variables.update(
        {
            "link": fact.link,
            "purpose_names": dict(fact.purpose_names),
            "expires_at": fact.expires_at.isoformat().replace("+00:00", "Z"),
        }
    )
    request.expires_at.FromDatetime(fact.expires_at)
    return message


CONSENT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    PurposeDefined: _purpose_defined,
    ConsentRequested: _consent_requested,
    ConsentGranted: _consent_granted,
    ConsentWithdrawn: _consent_withdrawn,
    ConfirmationAsked: _confirmation_asked,
}
"""What each of them becomes on the bus."""
