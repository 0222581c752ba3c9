"""Facts about registrations to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.asset_registrations import domain
from desk.encoding import id_or_none, moment
from rapport.desk.events.v1 import asset_events_pb2 as events


def _received(fact: domain.AssetRegistrationReceived) -> events.AssetRegistrationReceived:
    registration = fact.registration
    return events.AssetRegistrationReceived(
        registration_id=str(registration.id),
        person_id=id_or_none(registration.person_id),
        product_sku=registration.claim.product_sku,
        channel=registration.channel,
        waiting=registration.cause is not domain.WaitingCause.NONE,
        received_at=moment(registration.received_at),
    )


def _accepted(fact: domain.AssetRegistrationAccepted) -> events.AssetRegistrationAccepted:
    registration = fact.registration
    return events.AssetRegistrationAccepted(
        registration_id=str(registration.id),
        person_id=id_or_none(registration.person_id),
        product_sku=registration.claim.product_sku,
        asset_id=str(registration.asset_id),
    )


def _rejected(fact: domain.AssetRegistrationRejected) -> events.AssetRegistrationRejected:
    registration = fact.registration
    return events.AssetRegistrationRejected(
        registration_id=str(registration.id),
        person_id=id_or_none(registration.person_id),
        product_sku=registration.claim.product_sku,
    )


ASSET_REGISTRATION_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.AssetRegistrationReceived: _received,
    domain.AssetRegistrationAccepted: _accepted,
    domain.AssetRegistrationRejected: _rejected,
}
