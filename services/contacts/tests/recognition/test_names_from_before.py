"""Companies that were there before their names were keys are found by the same keys as new ones."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from uuid import uuid4

import psycopg

from chassis.embedded.postgres import PostgresServer
from chassis.testing.harness import migrated_database
from contacts.companies.matching import name_key
from contacts.description import DESCRIPTION

MIGRATION = Path(__file__).parents[2] / "migrations/versions/0013_company_names.py"
NAMES = ["Acme Co., Ltd.", "大同 商行", "\uff21\uff23\uff2d\uff25", "O'Neil & Sons — Tools", "3M"]


def test_the_migration_makes_the_keys_that_the_service_looks_for(postgres: PostgresServer) -> None:
    spec = spec_from_file_location("company_names", MIGRATION)
    assert spec is not None
    assert spec.loader is not None
    migration = module_from_spec(spec)
    spec.loader.exec_module(migration)
    tenant = uuid4()
    database = migrated_database(postgres, "contacts", DESCRIPTION.migrations)
    with psycopg.connect(database.admin_url) as connection:
        for name in NAMES:
            connection.execute(
                "INSERT INTO companies (tenant_id, id, version, name, legal_name, domain, industry,"
                " source, details, created_at, updated_at)"
                " VALUES (%s, %s, 1, %s, '', '', '', '', '{}', now(), now())",
                [tenant, uuid4(), name],
            )
        connection.execute(migration.NAMES)
        rows = connection.execute(
            "SELECT c.name, k.key FROM company_keys k JOIN companies c ON c.id = k.company_id"
            " WHERE k.tenant_id = %s AND k.kind = 'name'",
            [tenant],
        ).fetchall()
        connection.rollback()
    assert dict(rows) == {name: name_key(name) for name in NAMES}
