"""A service under test: real PostgreSQL below, signed tokens in front, roles as the test says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask

from chassis.embedded.databases import (
    ServicePasswords,
    provision_service_database,
    service_dsn,
)
from chassis.embedded.postgres import PostgresServer
from chassis.service import Service
from chassis.storage.migrate import migrate
from chassis.storage.tables import outbox
from chassis.storage.unit_of_work import UnitOfWork
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.tokens import ISSUER, TestTokens

T = TypeVar("T", bound=UnitOfWork)

_PASSWORDS = ServicePasswords("owner-of-test", "runtime-of-test", "system-of-test")
_PATIENTLY = "?connect_timeout=60"
"""On a machine that is busy with other tests a connection takes its time."""


@dataclass(frozen=True, slots=True)
class TestDatabase:
    """The addresses of a migrated database of one service."""

    __test__ = False

    owner_url: str
    runtime_url: str
    system_url: str
    admin_url: str


def migrated_database(
    server: PostgresServer, service: str, migrations: Path, database: str | None = None
) -> TestDatabase:
    """Create the service's database with its logins on `server`, and migrate it."""
    admin, name = server.admin_dsn(), database or service
    provision_service_database(admin, service, _PASSWORDS, database=name)
    addresses = TestDatabase(
        service_dsn(admin, name, f"{service}_owner", _PASSWORDS.owner),
        service_dsn(admin, name, f"{service}_runtime", _PASSWORDS.runtime) + _PATIENTLY,
        service_dsn(admin, name, f"{service}_system", _PASSWORDS.system) + _PATIENTLY,
        server.admin_dsn(name),
    )
    migrate(addresses.owner_url, migrations)
    return addresses


def settings_for(database: TestDatabase, **more: Any) -> dict[str, Any]:
    """Settings of a service in a test; ports that nobody listens on, peers that do not answer."""
    return {
        "http_port": 1,
        "grpc_port": 1,
        "database_url": database.runtime_url,
        "database_system_url": database.system_url,
        "nats_url": "nats://127.0.0.1:1",
        "nats_user": "test",
        "nats_password": "test-password",
        "public_url": ISSUER,
        "jwks_url": "http://127.0.0.1:1/jwks.json",
        "identity_grpc": "127.0.0.1:1",
        "signing_secret": "a secret of the tests that is long enough",
        "service_client_secret": "test-service-secret",
        "rate_limit_per_client": 1_000_000,
        "rate_limit_per_address": 1_000_000,
        **more,
    }


class ServiceHarness(Generic[T]):
    """A built service and the ways in for a test. Every test takes a tenant of its own."""

    def __init__(self, service: Service[T], tokens: TestTokens, access: FakeAccessSource) -> None:
        self.service = service
        self.tokens = tokens
        self.access = access
        self.app: Flask = service.http.app

    def new_tenant(self) -> UUID:
        """A tenant that nobody has used before."""
        return uuid4()

    def app_client(self, tenant_id: UUID, *scopes: str) -> ApiClient:
        """An external app with these permissions (`*` for all), with reach over all."""
        token = self.tokens.client(tenant_id, *(scopes or ("*",)))
        return ApiClient(self.app, token, tenant_id)

    def user_client(
        self,
        tenant_id: UUID,
        grants: Mapping[str, str],
        *,
        user_id: UUID | None = None,
        teams: tuple[UUID, ...] = (),
    ) -> ApiClient:
        """A user whose one role has these grants: permission to `own`, `team` or `all`."""
        role = self.access.role(tenant_id, grants)
        token = self.tokens.user(tenant_id, user_id or uuid4(), roles=[role], teams=teams)
        self.service.directory.forget(tenant_id)
        return ApiClient(self.app, token, tenant_id)

    def anonymous(self) -> ApiClient:
        """Somebody without a token."""
        return ApiClient(self.app, None)

    def facts(self, tenant_id: UUID) -> list[tuple[str, bytes]]:
        """The facts in the outbox, oldest first: type and payload."""
        with self.service.database.tenant_transaction(tenant_id) as connection:
            rows = connection.execute(
                sa.select(outbox.c.type, outbox.c.payload)
                .where(outbox.c.tenant_id == tenant_id)
                .order_by(outbox.c.seq)
            )
            return [(row.type, bytes(row.payload)) for row in rows]
