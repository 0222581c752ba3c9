"""The unit of work of identity: what an operation can reach."""

from __future__ import annotations

from uuid import UUID

from chassis.access.directory import remember
from chassis.domain import Fact
from chassis.storage.parts import Part
from chassis.storage.unit_of_work import UnitOfWork
from identity.audit.storage import AuditLog
from identity.callers import acting_user
from identity.clients.storage import ClientRepository
from identity.factors.storage import FactorRepository
from identity.facts import access_entries
from identity.roles.storage import RoleRepository
from identity.sessions.domain import Session
from identity.sessions.storage import SessionRepository
from identity.teams.storage import TeamRepository
from identity.tenants.storage import TenantRepository
from identity.users.storage import UserRepository


class IdentityTx(UnitOfWork):
    """One transaction of identity. What rows refer to is declared, and so written, before them."""

    tenants = Part(TenantRepository)
    roles = Part(RoleRepository)
    users = Part(UserRepository)
    teams = Part(TeamRepository)
    clients = Part(ClientRepository)
    sessions = Part(SessionRepository)
    factors = Part(FactorRepository)
    audit = Part(AuditLog)

    def act_in(self, session: Session) -> None:
        """It is the user of this session who acts in the rest of this transaction."""
        self.caller = acting_user(self.tenant_id, session.user_id, session.id, session.client_id)

    def publish(self, fact: Fact, aggregate_id: UUID, version: int = 0) -> None:
        """Note a fact for the outbox.

        What it says about access holds in identity with the commit; the other services follow.
        """
        super().publish(fact, aggregate_id, version)
        for entry in access_entries(fact, version):
            remember(self.connection, self.tenant_id, entry, self.clock.now())
