"""Asks identity who leads the teams of which no fact has told: those from before the service kept it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import grpc
from google.protobuf.message import Message

from chassis.access.leaders import Led, keep_leaders, led_of
from chassis.context import service_caller
from chassis.domain import DomainError, Unavailable
from chassis.rpc.client import Peer
from chassis.storage.database import Database, rows_of
from chassis.storage.unit_of_work import Operations, UnitOfWork
from chassis.telemetry.logs import working_for
from chassis.work.periodic import PeriodicWork

T = TypeVar("T", bound=UnitOfWork)

log = logging.getLogger("chassis.access")

_EVERY = timedelta(minutes=1)
_ANSWER_SECONDS = 5.0
_MOST_SILENT = 5
"""How many tenants are asked about in one go without an answer."""


class Leads(Protocol):
    """Who knows all teams of a tenant, and who leads them."""

    def teams_of(self, tenant_id: UUID) -> Sequence[Led]:
        """Every team that there is. Raises `Unavailable`."""
        ...


class IdentityLeads:
    """Asks identity in the service's own name.

    The generated stub and request are handed in: `IdentityServiceStub` and `GetAccessSnapshotRequest`.
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

    def teams_of(self, tenant_id: UUID) -> Sequence[Led]:
        """As identity has them now, each with the version that the latest fact about it had."""
        method = self._identity.stub(self._stub).GetAccessSnapshot
        asking = service_caller(self._service, tenant_id)
        answer = self._identity.ask(method, self._request(), asking, _ANSWER_SECONDS)
        try:
            return [led_of(one, one.version) for one in answer.teams]
        except ValueError:
            message = "What identity says of teams makes no sense."
            raise Unavailable(message, code="peer_unavailable") from None


@dataclass(frozen=True, slots=True)
class LeadersAsking(Generic[T]):
    """Asks for each tenant that has a team whose leader was never told, outside of every transaction.

    A fact that comes meanwhile has a higher version, and stays. While identity is away, it is asked
    again a minute later; the tenants are taken in any order, so that none holds the others back.
    """

    database: Database
    operations: Operations[T]
    leads: Leads
    service: str

    def work(self) -> PeriodicWork:
        """The asking, also right after a start; hardly ever is there anything to ask."""
        return PeriodicWork("ask who leads", _EVERY, self.ask_all)

    def ask_all(self) -> int:
        """Ask about all of them; gives of how many tenants it was answered."""
        unknown: dict[UUID, list[UUID]] = {}
        with self.database.system_transaction() as connection:
            for row in rows_of(connection, _UNTOLD, {}):
                unknown.setdefault(row["tenant_id"], []).append(UUID(row["team_id"]))
        answered = silent = 0
        for tenant_id, team_ids in unknown.items():
            with working_for(tenant_id):
                try:
                    self._ask(tenant_id, team_ids)
                except DomainError as error:
                    log.warning("leaders wait: %s", error.code)
                    silent += isinstance(error, Unavailable)
                else:
                    answered += 1
            if silent == _MOST_SILENT:
                break
        return answered

    def _ask(self, tenant_id: UUID, team_ids: Sequence[UUID]) -> None:
        told = list(self.leads.teams_of(tenant_id))
        known = {one.team_id for one in told}
        # Gone by now, as the next fact says: nobody leads them, and nothing is older than that.
        gone = [Led(team_id, 0, None, None) for team_id in team_ids if team_id not in known]
        caller = service_caller(self.service, tenant_id)
        self.operations.run(caller, keep_leaders, [*told, *gone])


_UNTOLD = """
SELECT e.tenant_id, e.key AS team_id FROM access_entries e
WHERE e.kind = 'team' AND NOT e.removed AND NOT EXISTS (
    SELECT 1 FROM team_managers m WHERE m.tenant_id = e.tenant_id AND m.team_id::text = e.key
) ORDER BY random()
"""
