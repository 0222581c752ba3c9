"""The job that compares all people of a tenant: step by step, each in one transaction.

What is found and how far it has come are stored together, so a worker that is killed leaves nothing half
done, and another goes on behind the last step.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from uuid import UUID

from chassis.storage.scope import EVERYTHING
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations
from chassis.work.jobs import JobHandler, JobRun
from contacts.duplicates.comparing import Compared, compare, put_keys_right
from contacts.duplicates.merging import merge_all_certain
from contacts.duplicates.operations import FIND
from contacts.transaction import ContactsTx

_FIRST: Final = UUID(int=0)
STEP: Final = 200


def duplicate_jobs(
    operations: Operations[ContactsTx], *, step: int = STEP
) -> Mapping[str, JobHandler]:
    """The handlers of jobs about duplicates; `step` is how many people are compared together."""
    return {FIND: DuplicateFinding(operations, step=step)}


class DuplicateFinding:
    """Compares all people of a tenant; the handler of the jobs `find_duplicates`.

    In two rounds: keys first, for people who were there before there were keys, so that each of two is
    found by the other whichever comes first.
    """

    def __init__(self, operations: Operations[ContactsTx], *, step: int) -> None:
        self._operations = operations
        self._step = step

    def __call__(self, run: JobRun) -> Mapping[str, Any]:
        """Compare everybody, and merge whom the tenant wants merged."""
        state = run.kept.state or {"round": "keys", "after": str(_FIRST), "merged": 0}
        while state["round"] != "merging":
            step = partial(self._one, run=run, state=state)
            state = self._operations.transact(run.caller, EVERYTHING, run.kind, step)
            run.check()
        merged = merge_all_certain(self._operations, run.tenant_id, run.check)
        return {**_counts(state), "merged": merged}

    def _one(self, tx: ContactsTx, *, run: JobRun, state: Mapping[str, Any]) -> dict[str, Any]:
        """One step of a round; gives the state after it."""
        about = {"tenant_id": tx.tenant_id, "after": UUID(state["after"]), "most": self._step}
        rows = tx.fetch_all(_NEXT, about)
        ids = [row["id"] for row in rows]
        compared = Compared(**_counts(state))
        if state["round"] == "keys":
            put_keys_right(tx, ids)
        else:
            compared += compare(tx, ids)
        following = dict(state) | _as_counts(compared)
        if len(ids) < self._step:
            following["round"] = {"keys": "comparing", "comparing": "merging"}[state["round"]]
            following["after"] = str(_FIRST)
        else:
            following["after"] = str(ids[-1])
        following.setdefault("total", self._total(tx))
        details = _counts(following)
        run.progress_in(tx, compared.people, following["total"], details=details, state=following)
        return following

    def _total(self, tx: ContactsTx) -> int:
        row = tx.fetch_one(_TOTAL, {"tenant_id": tx.tenant_id})
        return int(row["people"]) if row else 0


def _counts(state: Mapping[str, Any]) -> dict[str, int]:
    return {name: state.get(name, 0) for name in ("people", "found", "passed_over")}


def _as_counts(compared: Compared) -> dict[str, int]:
    return {
        "people": compared.people,
        "found": compared.found,
        "passed_over": compared.passed_over,
    }


_NEXT = Statement(
    "SELECT id FROM people WHERE tenant_id = %(tenant_id)s AND id > %(after)s"
    " AND archived_at IS NULL ORDER BY tenant_id, id LIMIT %(most)s"
)
_TOTAL = Statement(
    "SELECT count(*) AS people FROM people WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
)
