"""Facts about service contracts to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none, moment
from desk.entitlements import domain
from rapport.desk.events.v1 import entitlement_events_pb2 as events
from rapport.desk.v1.entitlement_pb2 import EntitlementHeader


def _added(fact: domain.EntitlementAdded) -> events.EntitlementAdded:
    entitlement = fact.entitlement
    return events.EntitlementAdded(
        person_id=id_or_none(entitlement.owner.person_id),
        entitlement=_header(entitlement),
        source="manual" if entitlement.subscription_id is None else "subscription",
    )


def _changed(fact: domain.EntitlementChanged) -> events.EntitlementChanged:
    return events.EntitlementChanged(
        entitlement=_header(fact.entitlement), changed_fields=sorted(fact.changed_fields)
    )


def _used(fact: domain.EntitlementUsed) -> events.EntitlementUsed:
    return events.EntitlementUsed(
        entitlement=_header(fact.entitlement),
        ticket_id=str(fact.use.ticket_id),
        amount=fact.use.amount,
        remaining=fact.remaining,
        period_starts_on=fact.use.period_starts_on.isoformat(),
    )


def _withdrawn(fact: domain.EntitlementUseWithdrawn) -> events.EntitlementUseWithdrawn:
    return events.EntitlementUseWithdrawn(
        entitlement=_header(fact.entitlement),
        ticket_id=str(fact.use.ticket_id),
        amount=fact.use.amount,
    )


def _expiring(fact: domain.EntitlementExpiryAnnounced) -> events.EntitlementExpiryAnnounced:
    return events.EntitlementExpiryAnnounced(
        entitlement=_header(fact.entitlement), days_left=fact.days_left
    )


def _ended(fact: domain.EntitlementEnded) -> events.EntitlementEnded:
    return events.EntitlementEnded(
        person_id=id_or_none(fact.entitlement.owner.person_id),
        entitlement=_header(fact.entitlement),
        cause=fact.cause,
        ended_at=moment(fact.at),
    )


def _header(entitlement: domain.Entitlement) -> EntitlementHeader:
    return EntitlementHeader(
        entitlement_id=str(entitlement.id),
        person_id=id_or_none(entitlement.owner.person_id),
        company_id=id_or_none(entitlement.owner.company_id),
        service_sku=entitlement.service_sku,
        subscription_id=id_or_none(entitlement.subscription_id),
        starts_on=entitlement.terms.starts_on.isoformat(),
        ends_on=entitlement.terms.ends_on.isoformat(),
        status=entitlement.status,
    )


ENTITLEMENT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.EntitlementAdded: _added,
    domain.EntitlementChanged: _changed,
    domain.EntitlementUsed: _used,
    domain.EntitlementUseWithdrawn: _withdrawn,
    domain.EntitlementExpiryAnnounced: _expiring,
    domain.EntitlementEnded: _ended,
}
