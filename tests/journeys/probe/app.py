"""The one place where the parts of the probe are wired together."""

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
from tests.journeys.probe.api import facts
from tests.journeys.probe.description import DESCRIPTION
from tests.journeys.probe.reactions import SUBSCRIPTIONS


def build(settings: ServiceSettings) -> Service[UnitOfWork]:
    """The probe, ready to be started."""
    identity = Peers(ServiceTokens.of(settings, "probe")).at("identity", settings.identity_grpc)
    source = IdentityAccessSource(identity, "probe", IdentityServiceStub, GetAccessSnapshotRequest)
    service = Service(
        DESCRIPTION,
        settings,
        UnitOfWork,
        facts=FactEncoder({}),
        access=lambda _database: source,
    )
    service.serve(facts)
    service.react(*SUBSCRIPTIONS)
    return service
