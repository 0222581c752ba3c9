"""Memory does not grow with the file: what is read is stored and let go.

Names repeat here as they do in real files: what is remembered of them is bounded, and full early.
"""

from __future__ import annotations

import pytest

from services.contacts.tests.imports.conftest import Contacts, Importing
from services.contacts.tests.imports.interrupting import worker_process
from services.contacts.tests.imports.tables import csv_of

BATCH, NAMES = 1000, 5000
GROWTH = 24 * 2**20
"""Less than 180,000 rows take that are kept: 140 bytes for each."""
LONGEST_SECONDS = 15 * 60


def peak_of_importing(contacts: Contacts, count: int) -> int:
    """The most bytes that a process had resident which imported so many people."""
    importing = Importing(contacts, contacts.app_client(contacts.new_tenant()))
    rows = ((f"王小明{n % NAMES}", f"e{n}") for n in range(count))
    address = importing.upload(csv_of(rows, ("full_name", "external_id:erp")))
    job = importing.start(address)
    with worker_process(contacts, BATCH) as process:
        assert process.wait(timeout=LONGEST_SECONDS) == 0
        assert process.stdout is not None
        told = process.stdout.read()
    assert importing.client.get(job).json["state"] == "succeeded"
    assert importing.last_run(address)["created"] == count
    return int(told)


@pytest.mark.slow
def test_ten_times_as_many_rows_take_no_more_memory(contacts: Contacts) -> None:
    few, many = (peak_of_importing(contacts, count) for count in (20_000, 200_000))
    assert many - few < GROWTH, f"{few:,} bytes for 20,000 rows, {many:,} for 200,000"
