"""The questions that sales asks other services."""

from chassis.access.peer import IdentityAccessSource
from chassis.rpc.client import Peers
from chassis.rpc.service_tokens import ServiceTokens
from rapport.identity.v1.identity_service_pb2 import GetAccessSnapshotRequest
from rapport.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from sales.settings import SalesSettings


def identity_access(settings: SalesSettings, service: str) -> IdentityAccessSource:
    """Who may do what in a tenant, asked of identity when it is not known here yet."""
    peers = Peers(ServiceTokens.of(settings, service))
    identity = peers.at("identity", settings.identity_grpc)
    return IdentityAccessSource(identity, service, IdentityServiceStub, GetAccessSnapshotRequest)
