"""The unit of work of identity: what an operation can reach."""

from __future__ import annotations

from chassis.domain import IdFactory
from chassis.events.outbox import OutboxWriter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from identity.clients.storage import ClientRepository
from identity.roles.storage import RoleRepository
from identity.teams.storage import TeamRepository
from identity.tenants.storage import TenantRepository
from identity.users.storage import UserRepository


class IdentityTx(UnitOfWork):
    """One transaction of identity. What rows refer to is written before them."""

    def __init__(self, work: Reading, ids: IdFactory, outbox: OutboxWriter) -> None:
        super().__init__(work, ids, outbox)
        self.tenants = TenantRepository(self)
        self.roles = RoleRepository(self)
        self.users = UserRepository(self)
        self.teams = TeamRepository(self)
        self.clients = ClientRepository(self)
