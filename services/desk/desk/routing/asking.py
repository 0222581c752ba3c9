"""Loyalty and contacts, asked over gRPC who a customer is to the tenant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from chassis.context import service_caller
from chassis.domain import Invalid, Money, NotFound, Unavailable
from chassis.money import minor_unit
from chassis.rpc.client import Peer
from desk.routing.customers import ANSWER_SECONDS, CONTACTS, LOYALTY, Worth
from rapport.contacts.v1.contacts_service_pb2 import GetCompanyRequest, GetPersonRequest
from rapport.contacts.v1.contacts_service_pb2_grpc import ContactsServiceStub
from rapport.loyalty.v1.loyalty_service_pb2 import GetMembershipsRequest, Membership
from rapport.loyalty.v1.loyalty_service_pb2_grpc import LoyaltyServiceStub

_KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")
_PLAIN = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")
_ACTIVE = "active"


class LoyaltyMemberships:
    """Asks loyalty in the service's own name."""

    def __init__(self, loyalty: Peer, service: str) -> None:
        self._loyalty = loyalty
        self._service = service

    def worth(self, tenant_id: UUID, person_id: UUID) -> Worth:
        """The highest tier and the greatest value of the memberships that count."""
        method = self._loyalty.stub(LoyaltyServiceStub).GetMemberships
        request = GetMembershipsRequest(person_id=str(person_id))
        caller = service_caller(self._service, tenant_id)
        answer = self._loyalty.ask(method, request, caller, ANSWER_SECONDS)
        return _worth(one for one in answer.memberships if one.status == _ACTIVE)


class ContactsOwners:
    """Asks contacts in the service's own name."""

    def __init__(self, contacts: Peer, service: str) -> None:
        self._contacts = contacts
        self._service = service

    def owner_of_person(self, tenant_id: UUID, person_id: UUID) -> UUID | None:
        """The owner of a person; None for whom contacts does not know."""
        method = self._contacts.stub(ContactsServiceStub).GetPerson
        request = GetPersonRequest(person_id=str(person_id))
        caller = service_caller(self._service, tenant_id)
        try:
            person = self._contacts.ask(method, request, caller, ANSWER_SECONDS).person
        except NotFound:
            return None
        return _user(person.owner_id) if person.HasField("owner_id") else None

    def owner_of_company(self, tenant_id: UUID, company_id: UUID) -> UUID | None:
        """The owner of a company; None for one that contacts does not know."""
        method = self._contacts.stub(ContactsServiceStub).GetCompany
        request = GetCompanyRequest(company_id=str(company_id))
        caller = service_caller(self._service, tenant_id)
        try:
            company = self._contacts.ask(method, request, caller, ANSWER_SECONDS).company
        except NotFound:
            return None
        return _user(company.owner_id) if company.HasField("owner_id") else None


def _worth(memberships: Iterable[Membership]) -> Worth:
    tier, rank = "", -1
    value: Money | None = None
    for one in memberships:
        if one.HasField("tier") and one.tier.rank > rank:
            tier, rank = _key(one.tier.key), one.tier.rank
        if one.HasField("value"):
            told = _money(one.value.amount, one.value.currency)
            value = told if value is None or told.amount > value.amount else value
    return Worth(tier, value)


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise _senseless(LOYALTY, "a tier's key")
    return text


def _money(amount: str, currency: str) -> Money:
    """What was told; below zero when more was paid back than delivered."""
    if not _PLAIN.fullmatch(amount):
        raise _senseless(LOYALTY, "money")
    try:
        minor_unit(currency)
    except Invalid:
        raise _senseless(LOYALTY, "money") from None
    return Money(Decimal(amount), currency)


def _user(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _senseless(CONTACTS, "an owner") from None


def _senseless(peer: str, what: str) -> Unavailable:
    """An answer that makes no sense is no better than none."""
    return Unavailable(f"{peer} told {what} that is none.", code="peer_unavailable")
