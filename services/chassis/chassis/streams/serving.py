"""Serves the role `stream`: one asyncio process for thousands of readers that mostly wait."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
import time
from importlib import import_module
from types import FrameType
from typing import Any

import uvicorn

from chassis.description import Description
from chassis.http.rate_limit import RateLimiter
from chassis.service import Service
from chassis.settings import ServiceSettings, WrongSettings, load_settings
from chassis.streams.face import StreamFace
from chassis.streams.listening import Listener
from chassis.streams.rights import RightsWatch
from chassis.streams.routes import Streams
from chassis.telemetry.export import start_tracing, stop_tracing
from chassis.telemetry.logs import configure_logging

_BACKLOG = 2048
_DEAD_AFTER_MS = 20_000
_UNREAD_BYTES = 128 * 1024
"""What the system keeps for a reader that does not read."""


def serve_streams(description: Description) -> None:
    """Serve until told to stop. Raises `WrongSettings`."""
    settings = load_settings(description.kind_of_settings)
    configure_logging(description.name, settings.log_level)
    start_tracing(description.name, settings)
    service: Service[Any] = import_module(f"{description.package}.app").build(settings)
    if service.streams is None:
        raise WrongSettings(f"{description.name} offers no streams: it has no role stream")
    try:
        asyncio.run(_serve(service, service.streams, settings))
    finally:
        service.stop()
        stop_tracing()
        logging.shutdown()


async def _serve(service: Service[Any], streams: Streams, settings: ServiceSettings) -> None:
    limiter = RateLimiter(settings.rate_limit_per_client, time.monotonic)
    face = StreamFace(
        streams.routes,
        service.authenticator,
        limiter,
        service.database,
        beat=settings.stream_beat_seconds,
        patience=settings.stream_patience_seconds,
    )
    server = _Server(_config(face, settings), face)
    listener = Listener(service.database.system_dsn, streams.channels, streams.woken)
    face.is_hearing = lambda: listener.is_listening
    watch = RightsWatch(face, service.database, service.authenticator, service.directory)
    beside = [asyncio.create_task(listener.run()), asyncio.create_task(watch.run())]
    gc.collect()
    gc.freeze()
    try:
        await server.serve(sockets=[_listening(settings.http_host, settings.http_port)])
    finally:
        for task in beside:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _config(face: StreamFace, settings: ServiceSettings) -> uvicorn.Config:
    return uvicorn.Config(
        face,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=max(1, int(settings.drain_seconds)),
    )


class _Server(uvicorn.Server):
    """Ends the streams when it is to stop; otherwise it would wait for them."""

    def __init__(self, config: uvicorn.Config, face: StreamFace) -> None:
        super().__init__(config)
        self._face = face
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, without waiting for readers.

        The signal is not raised again afterwards, as uvicorn does: it would end the process before
        the rest of the service is stopped.
        """
        del sig, frame
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._face.drain)


def _listening(host: str, port: int) -> socket.socket:
    """The socket to listen on. Readers that vanish without a word are noticed by the system."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD_BYTES)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # of Linux; elsewhere the keep-alive finds out
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_AFTER_MS)
    listening.bind((host, port))
    listening.settimeout(0)
    return listening
