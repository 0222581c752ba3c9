"""A service: its parts wired together, started, checked and stopped in order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from flask import Flask

from chassis.access.authenticator import Authenticator
from chassis.access.directory import AccessDirectory, AccessSource
from chassis.access.tokens import HttpKeys, KeySource, TokenVerifier
from chassis.clock import SystemClock, TimeOrderedIds
from chassis.description import Description
from chassis.domain import Clock, DomainError, IdFactory
from chassis.events.consumer import ConsumerGroup
from chassis.events.outbox import FactEncoder, OutboxWriter
from chassis.events.reactions import Subscription
from chassis.events.relay import Relay
from chassis.events.wake import Waker
from chassis.http.address import Addresses, networks_of
from chassis.http.app import HttpFace
from chassis.http.openapi import OpenApi
from chassis.http.operations_routes import add_operations_routes
from chassis.http.page_token import PageTokens
from chassis.http.rate_limit import AddressLimits, RateLimiter
from chassis.http.routes import Routes
from chassis.settings import ServiceSettings
from chassis.storage.database import Database
from chassis.storage.unit_of_work import Operations, Reading, UnitOfWork
from chassis.streams.routes import Streams
from chassis.telemetry.metrics import part_healthy
from chassis.telemetry.process import process_metrics

log = logging.getLogger("chassis.service")

T = TypeVar("T", bound=UnitOfWork)

_LEAST_TO_STOP = 0.3
"""Seconds; a dozen parts that all need them end within the five that a process has beyond the drain time."""


class Part(Protocol):
    """Something that runs beside requests: relay, consumers, timers, the gRPC server."""

    def start(self) -> None:
        """Begin; returns at once."""
        ...

    def stop(self, timeout: float) -> None:
        """Finish what is begun, within `timeout` seconds."""
        ...

    def is_healthy(self) -> bool:
        """Whether it can do its work now."""
        ...


class Service(Generic[T]):
    """Holds what `build(settings)` of a service wires together.

    Creating it opens no connection; `start(roles)` does. `clock`, `ids` and `keys` can be handed
    in for tests.
    """

    def __init__(  # noqa: PLR0913 - all are named; this is where the wiring comes together
        self,
        description: Description,
        settings: ServiceSettings,
        unit: Callable[[Reading, IdFactory, OutboxWriter], T],
        *,
        facts: FactEncoder,
        access: Callable[[Database], AccessSource],
        conflicts: Mapping[str, DomainError] | None = None,
        clock: Clock | None = None,
        ids: IdFactory | None = None,
        keys: KeySource | None = None,
    ) -> None:
        process_metrics.tell(description.name)
        self.description = description
        self.settings = settings
        self.clock = clock or SystemClock()
        self.ids = ids or TimeOrderedIds()
        self.database = Database(settings, description.name)
        self.waker = Waker(self.database)
        self.operations: Operations[T] = Operations(
            self.database,
            unit,
            facts=facts,
            clock=self.clock,
            ids=self.ids,
            conflicts=conflicts,
            committed=self.waker.wake,
        )
        self.directory = AccessDirectory(
            self.database, access(self.database), self.clock.now, time.monotonic
        )
        self.authenticator = self._authenticator(keys or HttpKeys(settings.jwks_url))
        self.tokens = PageTokens(settings.signing_secret.get_secret_value())
        self.addresses = Addresses(networks_of(settings.gateway_networks))
        self._api_parts: list[Part] = []
        self._worker_parts: list[Part] = []
        self._job_parts: list[Part] = []
        self._running: list[Part] = []
        self.streams: Streams | None = None
        self.http = HttpFace(
            description.name,
            self.operations,
            self.authenticator,
            RateLimiter(settings.rate_limit_per_client, time.monotonic),
            self.tokens,
            self.addresses,
            address_limits=AddressLimits(settings.rate_limit_per_address, time.monotonic),
        )

    def _authenticator(self, keys: KeySource) -> Authenticator:
        verifier = TokenVerifier(keys, self.settings.public_url, self.clock)
        return Authenticator(verifier, self.directory)

    def serve(self, *slices: Routes) -> None:
        """Offer the routes of slices over HTTP."""
        self.http.add(*slices)

    def react(self, *subscriptions: Subscription) -> None:
        """Consume other services' facts, and run the relay for one's own."""
        self._worker_parts.append(Relay(self.database, self.settings, self.description.name))
        if subscriptions:
            self._worker_parts.append(
                ConsumerGroup(self.operations, self.settings, self.description.name, subscriptions)
            )

    def beside_requests(self, *parts: Part) -> None:
        """Run parts where requests are answered: the gRPC server."""
        self._api_parts.extend(parts)

    def stream(self, streams: Streams) -> None:
        """Offer streams of events in the role `stream`, which is a process of its own."""
        self.streams = streams

    def at_work(self, *parts: Part) -> None:
        """Run parts in the worker role: timers, periodic work."""
        self._worker_parts.extend(parts)

    def at_jobs(self, *parts: Part) -> None:
        """Run parts in the role `jobs`, which computes for minutes: an import, an export.

        Where people wait it is a process of its own (decision 0015).
        """
        self._job_parts.extend(parts)

    def start(self, roles: Iterable[str]) -> Flask:
        """Start the parts of the roles; gives the application to serve, whatever the role."""
        chosen = frozenset(roles)
        checks: dict[str, dict[str, Callable[[], bool]]] = {}
        for role, parts in (
            ("api", self._api_parts),
            ("worker", self._worker_parts),
            ("jobs", self._job_parts),
        ):
            if role not in chosen:
                continue
            # Without its database a role can do nothing; without the broker requests go on.
            checks[role] = {"database": self.database.is_reachable}
            for part in parts:
                part.start()
                self._running.append(part)
                name = type(part).__name__
                checks[role][name] = part.is_healthy
                part_healthy.labels(role, name).set_function(part.is_healthy)
        app = self.http.app if "api" in chosen else Flask(self.description.name)
        add_operations_routes(app, checks, self.document)
        log.info("started", extra={"roles": sorted(chosen)})
        return app

    def stop(self) -> None:
        """Stop in reverse order, all parts together within the drain time.

        Whatever comes after one that took all of it has a moment still: soon after, the process is
        killed, with what the others have begun.
        """
        end = time.monotonic() + self.settings.drain_seconds
        for part in reversed(self._running):
            part.stop(max(_LEAST_TO_STOP, end - time.monotonic()))
        self._running.clear()
        self.waker.close()
        self.database.close()
        log.info("stopped")

    def document(self) -> dict[str, Any]:
        """The service's OpenAPI document."""
        about = self.description
        return OpenApi(about).document(
            self.http.routes, () if self.streams is None else self.streams.routes
        )
