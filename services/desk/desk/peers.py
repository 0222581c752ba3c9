"""The questions that desk asks other services."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.access.leaders_asking import IdentityLeads, Leads
from chassis.access.peer import IdentityAccessSource
from chassis.rpc.client import Peers
from chassis.rpc.service_tokens import ServiceTokens
from desk.agent_view.customers import ContactsView, Customers
from desk.people.contacts import ContactsErasedPeople
from desk.people.erased import ErasedPeople
from desk.requesters.contacts import ContactsRequesters
from desk.requesters.domain import Requesters
from desk.routing.asking import ContactsOwners, LoyaltyMemberships
from desk.routing.customers import Memberships, Owners
from desk.settings import DeskSettings
from rapport.identity.v1.identity_service_pb2 import GetAccessSnapshotRequest
from rapport.identity.v1.identity_service_pb2_grpc import IdentityServiceStub


def identity_access(settings: DeskSettings, service: str) -> IdentityAccessSource:
    """Who may do what in a tenant, asked of identity when it is not known here yet."""
    peers = Peers(ServiceTokens.of(settings, service))
    identity = peers.at("identity", settings.identity_grpc)
    return IdentityAccessSource(identity, service, IdentityServiceStub, GetAccessSnapshotRequest)


@dataclass(frozen=True, slots=True)
class Others:
    """Whom desk asks about what it does not know by itself; tests hand in their own."""

    requesters: Requesters
    memberships: Memberships
    owners: Owners
    leads: Leads
    erased: ErasedPeople


def others(settings: DeskSettings, service: str) -> Others:
    """The other services, asked over gRPC."""
    peers = Peers(ServiceTokens.of(settings, service))
    contacts = peers.at("contacts", settings.contacts_grpc)
    return Others(
        requesters=ContactsRequesters(contacts, service),
        memberships=LoyaltyMemberships(peers.at("loyalty", settings.loyalty_grpc), service),
        owners=ContactsOwners(contacts, service),
        leads=IdentityLeads(
            peers.at("identity", settings.identity_grpc),
            service,
            IdentityServiceStub,
            GetAccessSnapshotRequest,
        ),
        erased=ContactsErasedPeople(contacts, service),
    )


def customers(settings: DeskSettings, service: str) -> Customers:
    """Contacts, which shows customers from all sides."""
    peers = Peers(ServiceTokens.of(settings, service))
    return ContactsView(peers.at("contacts", settings.contacts_grpc), settings.agent_view_seconds)
