"""A service without a purpose: the chassis' tables in a real database, and operations over them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.clock import TimeOrderedIds
from chassis.domain import Clock
from chassis.embedded.databases import ServicePasswords, provision_service_database, service_dsn
from chassis.embedded.postgres import PostgresServer
from chassis.events.outbox import FactEncoder
from chassis.settings import ServiceSettings, load_settings
from chassis.storage.database import Database
from chassis.storage.migrate import migrate
from chassis.storage.unit_of_work import Operations, UnitOfWork

SERVICE = "ground"
_PASSWORDS = ServicePasswords("owner-of-ground", "runtime-of-ground", "system-of-ground")
_MIGRATION = '''"""The chassis' tables, and tables of notes and of pairs, which have to be whole at the commit, to write."""
from alembic import op
from chassis.storage.ddl import create_chassis_tables, open_to_system, protect
revision = "0001"
down_revision = None

def upgrade():
    create_chassis_tables()
    open_to_system("access_revisions", may="SELECT")
    op.execute("CREATE TABLE notes (tenant_id uuid NOT NULL, text text NOT NULL)")
    protect("notes")
    op.execute(
        "CREATE TABLE pairs (tenant_id uuid, id int, other int, PRIMARY KEY (tenant_id, id),"
        " CONSTRAINT pairs_other FOREIGN KEY (tenant_id, other) REFERENCES pairs"
        " DEFERRABLE INITIALLY DEFERRED)"
    )
    protect("pairs")
'''


def ground_settings(server: PostgresServer, database: str, **more: Any) -> ServiceSettings:
    """Settings over this database; nobody listens on the other addresses."""
    admin = server.admin_dsn()
    values = {
        "http_port": 1,
        "grpc_port": 1,
        "database_url": service_dsn(admin, database, f"{SERVICE}_runtime", _PASSWORDS.runtime),
        "database_system_url": service_dsn(admin, database, f"{SERVICE}_system", _PASSWORDS.system),
        "nats_url": "nats://127.0.0.1:1",
        "nats_user": "ground",
        "nats_password": "ground-password",
        "public_url": "http://gateway.test",
        "jwks_url": "http://127.0.0.1:1/jwks.json",
        "identity_grpc": "127.0.0.1:1",
        "signing_secret": "a secret of the tests that is long enough",
        "service_client_secret": "ground-secret",
        **more,
    }
    environ = {f"RAPPORT_{name.upper()}": str(value) for name, value in values.items()}
    return load_settings(ServiceSettings, environ)


@dataclass(frozen=True, slots=True)
class Ground:
    """One database of the service, and the way to work in it."""

    settings: ServiceSettings
    database: Database

    def operations(self, clock: Clock) -> Operations[UnitOfWork]:
        """Operations that record no facts."""
        return Operations(
            self.database, UnitOfWork, facts=FactEncoder({}), clock=clock, ids=TimeOrderedIds()
        )


@contextmanager
def make_ground(server: PostgresServer, name: str, folder: Path) -> Iterator[Ground]:
    """Create the database on `server`, and its tables by a migration that is written to `folder`."""
    versions = folder / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_tables.py").write_text(_MIGRATION, encoding="utf-8")
    admin = server.admin_dsn()
    provision_service_database(admin, SERVICE, _PASSWORDS, database=name)
    migrate(service_dsn(admin, name, f"{SERVICE}_owner", _PASSWORDS.owner), folder)
    settings = ground_settings(server, name)
    database = Database(settings, SERVICE)
    try:
        yield Ground(settings, database)
    finally:
        database.close()
