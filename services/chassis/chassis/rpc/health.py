"""The standard health service, which tells whether this process is ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

HEALTH = "grpc.health.v1.Health"


class Health(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # it has no stubs
    """Answers `Check` by asking whether the process is ready now, with all of its services alike.

    `Watch` is not offered, which the protocol allows: it would keep a thread for every watcher.
    """

    def __init__(self, services: Iterable[str], is_ready: Callable[[], bool]) -> None:
        self._known = frozenset(("", *services))
        self._is_ready = is_ready

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802 - as the contract spells it
        if request.service not in self._known:
            context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        status = "SERVING" if self._is_ready() else "NOT_SERVING"
        return health_pb2.HealthCheckResponse(status=status)

    def Watch(self, request: Any, context: Any) -> Any:  # noqa: N802 - as the contract spells it
        del request
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "ask Check")
