"""The order in which parts start: as much as possible at the same time, nothing before what it needs."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rapport_local.environment import Environments
from rapport_local.preparation import (
    FirstTenant,
    create_first_tenant,
    prepare,
    provision_database,
)
from rapport_local.services import ServiceDefinition
from rapport_local.state import StateFolder

_IDENTITY = "identity"


@dataclass(frozen=True)
class Starters:
    """How each kind of part is started."""

    postgres: Callable[[], None]
    nats: Callable[[], None]
    process: Callable[[str], None]
    admin_dsn: Callable[[], str]


@dataclass(frozen=True)
class StartPlan:
    """Starts the parts that do not run."""

    missing: Sequence[str]
    services: Sequence[ServiceDefinition]
    environments: Environments
    state: StateFolder
    starters: Starters

    def run(self) -> FirstTenant | None:
        """Start everything that is missing; gives the first tenant if it was created. The first error ends it."""
        with _threads(5 + 3 * len(self.services)) as pool:
            # Their `start` also sees to the users of a broker that runs already.
            postgres, nats = pool.submit(self.starters.postgres), pool.submit(self.starters.nats)
            tasks: list[Future[Any]] = [postgres, nats]
            # Mail, portal and gateway need nobody in order to start; they become ready when the services are.
            tasks += [
                pool.submit(self.starters.process, part)
                for part in ("mail", "portal", "gateway")
                if part in self.missing
            ]
            tenant: Future[FirstTenant | None] | None = None
            for service in self.services:
                prepared = pool.submit(self._prepare, service, postgres, nats)
                tasks += [prepared, pool.submit(self._serve, service, prepared)]
                if service.name == _IDENTITY:
                    tenant = pool.submit(self._create_tenant, service, prepared)
                    tasks.append(tenant)
            _until_all_are_done(tasks)
            return tenant.result() if tenant else None

    def _prepare(
        self, service: ServiceDefinition, postgres: Future[None], nats: Future[None]
    ) -> None:
        postgres.result()
        if service.name in self.missing:
            provision_database(self.starters.admin_dsn(), service, self.environments)
            nats.result()
            prepare(service, self.environments, self.state)

    def _serve(self, service: ServiceDefinition, prepared: Future[None]) -> None:
        prepared.result()
        for part in service.parts:
            if part in self.missing:
                self.starters.process(part)

    def _create_tenant(
        self, service: ServiceDefinition, prepared: Future[None]
    ) -> FirstTenant | None:
        prepared.result()
        return create_first_tenant(service, self.environments, self.state)


def _until_all_are_done(tasks: Sequence[Future[Any]]) -> None:
    """Wait for all, and raise the first error, rather than one that only follows from it."""
    done, _ = wait(tasks, return_when=FIRST_EXCEPTION)
    for task in tasks:
        if task in done:
            task.result()


@contextmanager
def _threads(count: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(max_workers=count)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
