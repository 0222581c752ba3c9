"""The tenant's time zone is read as often as days are reckoned, and costs no look at the disk each time (DE-8, DE-13)."""

from __future__ import annotations

from time import process_time
from uuid import uuid4

from chassis.context import service_caller
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Reading
from desk.tenant_days.zones import zone_of
from services.desk.tests.builders import Desk

TIMES = 1_000


def test_to_reckon_a_thousand_days_takes_no_look_at_the_disk_each(desk: Desk) -> None:
    caller = service_caller("desk", uuid4())

    def seconds(reading: Reading) -> float:
        assert zone_of(reading).key == "UTC"  # the first look finds out what there is
        began = process_time()
        for _ in range(TIMES):
            assert zone_of(reading).key == "UTC"
        return process_time() - began

    # Each asks the database as well; with a look at the disk each takes some hundredths more.
    assert desk.service.operations.read(caller, EVERYTHING, seconds) < 5
