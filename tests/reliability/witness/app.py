"""The one place where the parts of the witness are wired together."""

from __future__ import annotations

from chassis.access.peer import IdentityAccessSource
from chassis.events.outbox import FactEncoder
from chassis.rpc.client import Peers
from chassis.rpc.service_tokens import ServiceTokens
from chassis.service import Service
from chassis.settings import ServiceSettings
from chassis.storage.unit_of_work import UnitOfWork
from rapport.identity.v1.identity_service_pb2 import GetAccessSnapshotRequest
from rapport.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from tests.reliability.witness.description import DESCRIPTION
from tests.reliability.witness.reactions import SUBSCRIPTIONS


def wired(settings: ServiceSettings) -> Service[UnitOfWork]:
    """The witness without what works on facts."""
    identity = Peers(ServiceTokens.of(settings, "witness")).at("identity", settings.identity_grpc)
    source = IdentityAccessSource(
        identity, "witness", IdentityServiceStub, GetAccessSnapshotRequest
    )
    return Service(
        DESCRIPTION,
        settings,
        UnitOfWork,
        facts=FactEncoder({}),
        access=lambda _database: source,
    )


def build(settings: ServiceSettings) -> Service[UnitOfWork]:
    """The witness, ready to be started."""
    service = wired(settings)
    service.react(*SUBSCRIPTIONS)
    return service
