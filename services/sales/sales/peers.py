"""The questions that sales asks other services."""

from chassis.access.leaders_asking import IdentityLeads
from chassis.access.peer import IdentityAccessSource
from chassis.rpc.client import Peers
from chassis.rpc.service_tokens import ServiceTokens
from rapport.identity.v1.identity_service_pb2 import GetAccessSnapshotRequest
from rapport.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from sales.lead_conversions.contacts import ContactsCustomers
from sales.people.contacts import ContactsErasedPeople
from sales.quotes.contacts import ContactsRecipients
from sales.settings import SalesSettings


def identity_access(settings: SalesSettings, service: str) -> IdentityAccessSource:
    """Who may do what in a tenant, asked of identity when it is not known here yet."""
    peers = Peers(ServiceTokens.of(settings, service))
    identity = peers.at("identity", settings.identity_grpc)
    return IdentityAccessSource(identity, service, IdentityServiceStub, GetAccessSnapshotRequest)


def contacts_customers(settings: SalesSettings, service: str) -> ContactsCustomers:
    """People and companies, asked of contacts."""
    peers = Peers(ServiceTokens.of(settings, service))
    return ContactsCustomers(peers.at("contacts", settings.contacts_grpc), service)


def contacts_recipients(settings: SalesSettings, service: str) -> ContactsRecipients:
    """People to whom quotes go, asked of contacts."""
    peers = Peers(ServiceTokens.of(settings, service))
    return ContactsRecipients(peers.at("contacts", settings.contacts_grpc), service)


def contacts_erased_people(settings: SalesSettings, service: str) -> ContactsErasedPeople:
    """Whose words are of somebody erased, asked of contacts."""
    peers = Peers(ServiceTokens.of(settings, service))
    return ContactsErasedPeople(peers.at("contacts", settings.contacts_grpc), service)


def identity_leads(settings: SalesSettings, service: str) -> IdentityLeads:
    """Who leads which team, asked of identity."""
    peers = Peers(ServiceTokens.of(settings, service))
    identity = peers.at("identity", settings.identity_grpc)
    return IdentityLeads(identity, service, IdentityServiceStub, GetAccessSnapshotRequest)
