"""Declares a gRPC service: its servicer, and the permission that each of its methods needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from chassis.http.routes import PUBLIC, SIGNED_IN
from chassis.rpc.call import Servicer

__all__ = ["PUBLIC", "SERVICES_ONLY", "SIGNED_IN", "RpcService", "WrongRpcService", "declared"]

SERVICES_ONLY: Final = "services_only"
"""In place of a permission: the token of a service, at work for a tenant."""


class WrongRpcService(Exception):
    """The declaration does not fit the contract; the message names each method."""


@dataclass(frozen=True, slots=True)
class RpcService:
    """One service of a proto file, ready to be served.

    `descriptor` is `<file>_pb2.DESCRIPTOR.services_by_name["…"]`, `register` the generated
    `add_…Servicer_to_server`. `permissions` names for each method a permission, `SERVICES_ONLY`,
    `SIGNED_IN` or `PUBLIC`. `statuses` gives some of the service's error codes another status
    than their category has.
    """

    descriptor: ServiceDescriptor
    register: Callable[[Any, grpc.Server], None]
    servicer: Servicer[Any]
    permissions: Mapping[str, str]
    statuses: Mapping[str, grpc.StatusCode] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The full name, with its package."""
        return str(self.descriptor.full_name)


@dataclass(frozen=True, slots=True)
class DeclaredMethod:
    """What is known of one method: its name as in metrics and logs, and who may call it."""

    name: str
    permission: str
    statuses: Mapping[str, grpc.StatusCode]


def declared(services: Iterable[RpcService]) -> dict[str, DeclaredMethod]:
    """The methods of the services by their path, `/<package>.<service>/<method>`.

    Raises `WrongRpcService` for a method without a permission, one that does not exist, one that
    the servicer does not answer, and one that streams: those are not served.
    """
    methods: dict[str, DeclaredMethod] = {}
    wrong: list[str] = []
    for service in services:
        known = {method.name: method for method in service.descriptor.methods}
        wrong += [
            f"{service.name}/{name}: there is no such method"
            for name in service.permissions
            if name not in known
        ]
        for name, method in known.items():
            wrong += [f"{service.name}/{name}: {fault}" for fault in _faults(service, method)]
            permission = service.permissions.get(name, "")
            methods[f"/{service.name}/{name}"] = DeclaredMethod(
                f"{service.name}/{name}", permission, service.statuses
            )
    if wrong:
        raise WrongRpcService("\n".join(wrong))
    return methods


def _faults(service: RpcService, method: MethodDescriptor) -> list[str]:
    faults = []
    if not service.permissions.get(method.name):
        faults.append("no permission is declared")
    if method.client_streaming or method.server_streaming:
        faults.append("streaming methods are not served")
    own = getattr(type(service.servicer), method.name, None)
    generated = type(service.servicer).__mro__
    if own is None or any(
        vars(kind).get(method.name) is own and kind.__module__.endswith("_pb2_grpc")
        for kind in generated
    ):
        faults.append("the servicer does not answer it")
    return faults
