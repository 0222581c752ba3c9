"""Serves a service: one Granian worker process, with the roles that it is told."""

from __future__ import annotations

import ctypes
import gc
import logging
import math
import multiprocessing.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from flask import Flask
from granian.constants import Interfaces
from granian.server import Server

from chassis.description import Description
from chassis.niceness import let_others_go_first
from chassis.service import Service
from chassis.settings import ServiceSettings, load_settings
from chassis.telemetry.export import start_tracing, stop_tracing
from chassis.telemetry.logs import configure_logging, granian_logging

Build = Callable[[Any], Service[Any]]


def serve(description: Description, build: Build, roles: tuple[str, ...]) -> None:
    """Serve until told to stop.

    The settings are of the type that `build` declares for its `settings`. Raises `WrongSettings`.
    """
    kind: type[ServiceSettings] = get_type_hints(build)["settings"]
    settings = load_settings(kind)
    configure_logging(description.name, settings.log_level)
    server = Server(
        target=description.name,
        address=settings.http_host,
        port=settings.http_port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.http_threads,
        log_access=False,
        log_dictconfig=granian_logging(),
        workers_kill_timeout=kill_timeout(settings.drain_seconds),
        respawn_failed_workers=True,
    )
    server.serve(
        target_loader=_Loader(description, settings, build, roles),
        wrap_loader=False,
    )


def kill_timeout(drain_seconds: float) -> int:
    """After how many seconds a worker that was told to stop is killed; a cluster has to wait longer."""
    return math.ceil(drain_seconds) + 5


@dataclass(frozen=True)
class _Loader:
    """Builds and starts the service inside Granian's worker process; picklable for `spawn`."""

    description: Description
    settings: ServiceSettings
    build: Build
    roles: tuple[str, ...]

    def __call__(self) -> Flask:
        configure_logging(self.description.name, self.settings.log_level)
        start_tracing(self.description.name, self.settings)
        service = self.build(self.settings)
        app = service.start(self.roles)
        _spare_the_collector()
        _take_turns_sooner()
        _give_large_blocks_back()
        if self.roles == ("jobs",):
            let_others_go_first()
        # Granian ends its workers without atexit hooks; finalizers do run.
        multiprocessing.util.Finalize(None, _finish, args=(service,), exitpriority=100)
        return app


def _spare_the_collector() -> None:
    """Have the garbage collector leave alone what stays until the end, and look less often.

    Nearly nothing here is garbage that only it can find. As Python sets it up it takes a third of
    the time of an import, which makes many objects that live for a while.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _take_turns_sooner() -> None:
    """Have a thread that computes hand the interpreter over after 1 ms, not 5, to those that wait.

    Requests, relay and consumers wait for servers again and again, and after each time for the
    interpreter. Six round trips beside two threads that compute, an import and a reaction, say,
    took 23 to 52 ms in the middle and 205 at the 99th percentile; so they take 11 to 18 and 45 to
    60, and the threads that compute get no less done.
    """
    sys.setswitchinterval(0.001)


_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_LARGE_BYTES = 256 * 1024


def _give_large_blocks_back() -> None:
    """Have glibc return what a large body took to the system as soon as it is freed.

    Left to itself it raises its threshold with the first large block that is freed, and from then
    on every thread keeps room for the largest body it has ever seen: a part of an import, say.
    """
    allocator = ctypes.CDLL(None)
    if hasattr(allocator, "mallopt"):  # other C libraries have none, and no such habit
        allocator.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def _finish(service: Service[Any]) -> None:
    try:
        service.stop()
    finally:
        stop_tracing()
        logging.shutdown()
