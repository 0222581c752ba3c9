"""The gRPC face of a service: every declared method behind one and the same pipeline."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from chassis.access.authenticator import Authenticator
from chassis.rpc.declaration import RpcService, declared
from chassis.rpc.health import HEALTH, Health
from chassis.rpc.pipeline import Pipeline
from chassis.storage.unit_of_work import Operations

if TYPE_CHECKING:
    from chassis.settings import ServiceSettings

log = logging.getLogger("chassis.rpc")

MAX_MESSAGE = 4 * 1024 * 1024
_WAITING_PER_THREAD = 16
"""Calls that may wait for a thread; more are refused at once rather than left to time out."""

_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.so_reuseport", 0),  # a taken port is an error, not a shared one
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    # Clients look their peer up again now and then, and so find replicas that came later.
    ("grpc.max_connection_age_ms", 300_000),
    ("grpc.max_connection_age_grace_ms", 30_000),
)


class RpcServer:
    """Serves declared gRPC services, with health and reflection.

    Nothing is opened before `start`, which belongs in the process that serves: gRPC does not
    survive a fork. `is_ready` decides what the health service says.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        authenticator: Authenticator,
        operations: Operations[Any],
        services: Sequence[RpcService],
        is_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        """Raises `WrongRpcService` when a declaration does not fit its contract."""
        self._address = f"{settings.grpc_host}:{settings.grpc_port}"
        self._threads = settings.grpc_threads
        self._services = tuple(services)
        self._pipeline = Pipeline(declared(self._services), authenticator, operations)
        self._is_ready = is_ready
        self._server: grpc.Server | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Listen. Raises RuntimeError with the address when it is taken."""
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="rpc")
        server = grpc.server(
            self._pool,
            interceptors=[self._pipeline],
            options=_OPTIONS,
            maximum_concurrent_rpcs=self._threads * _WAITING_PER_THREAD,
        )
        for service in self._services:
            service.register(service.servicer, server)
        names = [service.name for service in self._services]
        health_pb2_grpc.add_HealthServicer_to_server(Health(names, self._serves), server)
        reflection.enable_server_reflection([*names, HEALTH, reflection.SERVICE_NAME], server)
        try:
            server.add_insecure_port(self._address)
        except RuntimeError as error:
            self._pool.shutdown(wait=False)
            raise RuntimeError(f"gRPC cannot listen on {self._address}: is it taken?") from error
        server.start()
        self._stopping.clear()
        self._server = server

    def stop(self, timeout: float) -> None:
        """Refuse new calls, finish those begun within `timeout` seconds, cancel the rest."""
        if self._server is None or self._pool is None:
            return
        self._stopping.set()
        server, self._server = self._server, None
        if not server.stop(timeout).wait(timeout + 1):
            log.warning("gRPC calls were still running at the end of the drain time")
        self._pool.shutdown(wait=False)

    def is_healthy(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    def _serves(self) -> bool:
        return not self._stopping.is_set() and self._is_ready()
