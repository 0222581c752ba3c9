"""Counts every program's ledger anew once a day, and has a metric say how much differs: nothing, ever."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from chassis.context import service_caller
from chassis.service import Service
from chassis.storage.scope import EVERYTHING
from chassis.work.periodic import PeriodicWork
from loyalty.ledger.recount import recount
from loyalty.metrics import ledger_differences
from loyalty.transaction import LoyaltyTx

_EVERY = timedelta(days=1)
_log = logging.getLogger(__name__)
_PROGRAMS = sa.text("SELECT tenant_id, id FROM programs ORDER BY tenant_id, id")


def verification(service: Service[LoyaltyTx]) -> PeriodicWork:
    """The daily recount of all ledgers."""
    return PeriodicWork("ledger_recount", _EVERY, lambda: verify(service))


def verify(service: Service[LoyaltyTx]) -> int:
    """Count each program by itself, tell of those that differ, and give how many differences there are."""
    differing = 0
    for tenant_id, program_id in _programs(service):
        caller = service_caller("loyalty", tenant_id)
        found = service.operations.read(caller, EVERYTHING, recount, program_id)["differences"]
        if found:
            about = {"program_id": str(program_id), "differences": len(found)}
            _log.error("the points ledger differs from its entries", extra=about)
        differing += len(found)
    ledger_differences.set(differing)
    return differing


def _programs(service: Service[LoyaltyTx]) -> Sequence[tuple[UUID, UUID]]:
    with service.database.system_transaction() as connection:
        return [(row.tenant_id, row.id) for row in connection.execute(_PROGRAMS)]
