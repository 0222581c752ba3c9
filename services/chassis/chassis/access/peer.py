"""Asks identity over gRPC who may do what in a tenant, when something is not known here yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import grpc
from google.protobuf.message import Message

from chassis.access.directory import AccessEntry
from chassis.access.reactions import entries_of_snapshot
from chassis.context import service_caller
from chassis.rpc.client import Peer


class IdentityAccessSource:
    """An `AccessSource` that is identity itself.

    The generated stub and request are handed in by the service `service`, which asks with a token
    of its own: `IdentityServiceStub` and `GetAccessSnapshotRequest`.
    """

    def __init__(
        self,
        identity: Peer,
        service: str,
        stub: Callable[[grpc.Channel], Any],
        request: Callable[[], Message],
    ) -> None:
        self._identity = identity
        self._service = service
        self._stub = stub
        self._request = request

    def fetch(self, tenant_id: UUID) -> list[AccessEntry]:
        """All that identity knows of the tenant. Raises `Unavailable`."""
        method = self._identity.stub(self._stub).GetAccessSnapshot
        caller = service_caller(self._service, tenant_id)
        return entries_of_snapshot(self._identity.ask(method, self._request(), caller))
