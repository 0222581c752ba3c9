"""Files and reports do not stay for ever: of uploads that were never finished neither."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from contacts.imports.pruning import prune_imports
from contacts.imports.storage import import_keys, import_parts, import_pieces, import_rows
from services.contacts.tests.imports.conftest import Importing
from services.contacts.tests.imports.tables import csv_of, numbered


def rows_of(importing: Importing, table: sa.Table) -> int:
    tenant = importing.client.tenant_id
    with importing.contacts.service.database.tenant_transaction(tenant) as connection:
        count = sa.select(sa.func.count()).where(table.c.tenant_id == tenant)
        found: int = connection.execute(count.select_from(table)).scalar_one()
        return found


def prune(importing: Importing, after: timedelta) -> int:
    """Prune what nobody has touched until so long from now."""
    service = importing.contacts.service
    return prune_imports(service.database, service.clock.now() + after)


def test_an_upload_that_was_never_finished_loses_its_file(importing: Importing) -> None:
    address = importing.begin()
    importing.part(address, 1, csv_of(numbered(10)))
    importing.part(address, 3, csv_of(numbered(10)))
    prune(importing, -timedelta(minutes=10))
    assert rows_of(importing, import_parts) == 2, "somebody may be at it"
    prune(importing, timedelta(minutes=10))
    assert rows_of(importing, import_parts) == rows_of(importing, import_pieces) == 0
    found = importing.get(address)
    assert (found["state"], found["parts"]) == ("uploading", [])
    missing = importing.client.post(f"{address}/complete?parts=3")
    assert (missing.status_code, missing.json["code"]) == (409, "import_parts_missing")
    assert importing.part(address, 1, csv_of(numbered(2))).status_code == 200
    assert importing.client.post(f"{address}/complete").json["state"] == "ready"


def test_the_people_of_an_import_stay_when_its_file_and_report_go(importing: Importing) -> None:
    address = importing.upload(csv_of([*numbered(3), ("Anna", "wrong", "", "", "")]))
    importing.run(address, dry=True)
    importing.run(address)
    assert rows_of(importing, import_rows) == 5
    assert rows_of(importing, import_keys) > 0
    prune(importing, timedelta(minutes=10))
    for table in (import_parts, import_pieces, import_rows, import_keys):
        assert rows_of(importing, table) == 0
    assert len(importing.people()) == 3
    assert importing.last_run(address)["created"] == 3
    assert importing.undo(address)["result"]["removed"] == 3, "those who came are known by it"


def test_what_is_at_work_is_left_alone(importing: Importing) -> None:
    address = importing.upload(csv_of(numbered(3)))
    job = importing.start(address)
    prune(importing, timedelta(minutes=10))
    assert importing.work(job)["state"] == "succeeded"
    assert len(importing.people()) == 3
