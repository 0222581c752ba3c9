"""The questions that contacts asks other services."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice
from typing import Protocol
from uuid import UUID

from chassis.access.peer import IdentityAccessSource
from chassis.context import Caller, service_caller
from chassis.rpc.client import Peer, Peers
from chassis.rpc.service_tokens import ServiceTokens
from contacts.customer_view.asking import Sides
from contacts.customer_view.questions import sides_of
from contacts.data_exports.sources import PeerPersonalData, PersonalDataSource
from contacts.settings import ContactsSettings
from rapport.identity.v1.identity_service_pb2 import (
    GetAccessSnapshotRequest,
    ListUsersRequest,
    UserStatus,
)
from rapport.identity.v1.identity_service_pb2_grpc import IdentityServiceStub

_USERS_AT_ONCE = 200


class Users(Protocol):
    """Who works for the tenant."""

    def absent(self, caller: Caller, user_ids: Collection[UUID]) -> frozenset[UUID]:
        """Those of the ids that are nobody's, or of people who have left. Raises `Unavailable`."""
        ...


class IdentityUsers:
    """Users as identity knows them."""

    def __init__(self, identity: Peer, service: str) -> None:
        self._identity = identity
        self._service = service

    def absent(self, caller: Caller, user_ids: Collection[UUID]) -> frozenset[UUID]:
        """Asks in the service's own name: whoever may name an owner need not see all users."""
        if caller.tenant_id is None:
            return frozenset(user_ids)
        method = self._identity.stub(IdentityServiceStub).ListUsers
        asking = service_caller(self._service, caller.tenant_id)
        left, remaining = set(user_ids), iter(user_ids)
        while some := [str(user_id) for user_id in islice(remaining, _USERS_AT_ONCE)]:
            answer = self._identity.ask(method, ListUsersRequest(user_ids=some), asking)
            left -= {
                UUID(user.user_id)
                for user in answer.users
                if user.status != UserStatus.USER_STATUS_DEACTIVATED
            }
        return frozenset(left)


def identity_access(settings: ContactsSettings, service: str) -> IdentityAccessSource:
    """Who may do what in a tenant, asked of identity when it is not known here yet."""
    identity = _identity(settings, service)
    return IdentityAccessSource(identity, service, IdentityServiceStub, GetAccessSnapshotRequest)


def identity_users(settings: ContactsSettings, service: str) -> IdentityUsers:
    """Who works for a tenant."""
    return IdentityUsers(_identity(settings, service), service)


def knowing_peers(settings: ContactsSettings, service: str) -> Mapping[str, Peer | None]:
    """The other services that know something of people; None for one that is not deployed."""
    peers = Peers(ServiceTokens.of(settings, service))
    addresses = {
        "sales": settings.sales_grpc,
        "desk": settings.desk_grpc,
        "loyalty": settings.loyalty_grpc,
        "notifications": settings.notifications_grpc,
        "identity": settings.identity_grpc,
    }
    return {name: peers.at(name, at) if at else None for name, at in addresses.items()}


def customer_sides(settings: ContactsSettings, peers: Mapping[str, Peer | None]) -> Sides:
    """The services that know something of customers, of those that are deployed."""
    return sides_of(peers, settings.customer_view_seconds, settings.http_threads)


def personal_data_sources(
    peers: Mapping[str, Peer | None],
) -> Mapping[str, PersonalDataSource | None]:
    """The services that keep something of people, of those that are deployed."""
    return {name: None if peer is None else PeerPersonalData(peer) for name, peer in peers.items()}


def _identity(settings: ContactsSettings, service: str) -> Peer:
    """Identity, to be asked with the service's own token."""
    return Peers(ServiceTokens.of(settings, service)).at("identity", settings.identity_grpc)
