"""The questions that loyalty asks other services."""

from __future__ import annotations

from chassis.access.peer import IdentityAccessSource
from chassis.domain import Clock
from chassis.rpc.client import Peers
from chassis.rpc.service_tokens import ServiceTokens
from loyalty.profiles.contacts import ContactsPeople
from loyalty.settings import LoyaltySettings
from rapport.identity.v1.identity_service_pb2 import GetAccessSnapshotRequest
from rapport.identity.v1.identity_service_pb2_grpc import IdentityServiceStub


def identity_access(settings: LoyaltySettings, service: str) -> IdentityAccessSource:
    """Who may do what in a tenant, asked of identity when it is not known here yet."""
    peers = Peers(ServiceTokens.of(settings, service))
    identity = peers.at("identity", settings.identity_grpc)
    return IdentityAccessSource(identity, service, IdentityServiceStub, GetAccessSnapshotRequest)


def contacts_people(settings: LoyaltySettings, service: str, clock: Clock) -> ContactsPeople:
    """What is known of people, asked of contacts."""
    peers = Peers(ServiceTokens.of(settings, service))
    return ContactsPeople(peers.at("contacts", settings.contacts_grpc), service, clock)
