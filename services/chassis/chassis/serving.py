"""Serves a service: Granian watches over one worker process, which has the roles that it is told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from granian.constants import Interfaces
from granian.server import Server

from chassis.description import Description
from chassis.settings import ServiceSettings, load_settings
from chassis.telemetry.logs import configure_logging, granian_logging


def serve(description: Description, roles: tuple[str, ...]) -> None:
    """Serve until told to stop. Raises `WrongSettings`."""
    settings = load_settings(description.kind_of_settings)
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
    server.serve(target_loader=_Loader(description, settings, roles), wrap_loader=False)


def kill_timeout(drain_seconds: float) -> int:
    """After how many seconds a worker that was told to stop is killed; a cluster has to wait longer."""
    return math.ceil(drain_seconds) + 5


@dataclass(frozen=True)
class _Loader:
    """Builds and starts the service inside Granian's worker process; picklable for `spawn`."""

    description: Description
    settings: ServiceSettings
    roles: tuple[str, ...]

    def __call__(self) -> Any:
        configure_logging(self.description.name, self.settings.log_level)
        # The process that only watches would keep all of the service in memory a second time.
        from chassis.process import started  # noqa: PLC0415

        return started(self.description, self.settings, self.roles)
