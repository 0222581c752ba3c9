"""Looks at what a change of tiers would mean to many members: a job that writes nothing.

After a crash the next worker begins anew, since what was counted is kept in memory alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.work.jobs import JobHandler, JobRun, start_job
from loyalty.tier_standings.previewing import count_members, members_after, preview
from loyalty.tiers.domain import TierTerms
from loyalty.tiers.storage import read, written
from loyalty.transaction import LoyaltyTx

PREVIEW_TIERS = "preview_tiers"
"""The kind of job."""
AT_ONCE = 100


def start_preview(tx: LoyaltyTx, program_id: UUID, terms: TierTerms) -> UUID:
    """Have a job look at all members of a program. Raises `NotFound`, `Invalid`."""
    preview(tx, program_id, terms)
    arguments = {"program_id": str(program_id), "terms": written(terms)}
    return start_job(tx, PREVIEW_TIERS, arguments)


class Previewing:
    """Looks at members, `at_once` in a transaction."""

    def __init__(self, operations: Operations[LoyaltyTx], at_once: int = AT_ONCE) -> None:
        self._operations = operations
        self._at_once = at_once

    def __call__(self, run: JobRun) -> Mapping[str, Any] | None:
        """Give what the change would mean."""
        look, caller = self._operations.read, run.caller
        program_id = UUID(run.arguments["program_id"])
        terms = read(run.arguments["terms"])
        found = look(caller, EVERYTHING, preview, program_id, terms)
        total, after = look(caller, EVERYTHING, count_members, program_id), UUID(int=0)
        while ids := look(caller, EVERYTHING, members_after, program_id, after, self._at_once):
            run.progress(found.members, total)
            look(caller, EVERYTHING, found.take, ids)
            after = ids[-1]
        run.progress(found.members, total)
        return found.shown()


def preview_jobs(operations: Operations[LoyaltyTx]) -> Mapping[str, JobHandler]:
    """The handlers of previews."""
    return {PREVIEW_TIERS: Previewing(operations)}
