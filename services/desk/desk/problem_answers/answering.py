"""The job that answers all open incidents of a problem, some at a time and each once (DE-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from chassis.domain import Category, DomainError, NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations
from chassis.work.jobs import JobHandler, JobRun, start_job
from desk.messages.adding import Said
from desk.messages.operations import reply
from desk.ticket_facts.domain import Status, TicketType
from desk.transaction import DeskTx

ANSWER_INCIDENTS: Final = "answer_incidents"
"""The kind of job."""
AT_ONCE = 50


def answer_incidents(
    tx: DeskTx, problem_id: UUID, text: str, language: str, status: Status | None
) -> UUID:
    """Have a job answer all open incidents of a problem; gives the job.

    Raises `NotFound` for what is no problem within reach.
    """
    problem = tx.tickets.get(problem_id)
    if problem.type is not TicketType.PROBLEM:
        raise NotFound.of("problem", problem_id)
    arguments = {"problem_id": str(problem_id), "text": text, "language": language}
    return start_job(tx, ANSWER_INCIDENTS, {**arguments, "status": status})


@dataclass(frozen=True, slots=True)
class _Reached:
    """How far the job is: how many it has answered and could not, and the last that it looked at."""

    answered: int
    refused: int
    after: UUID


class IncidentsAnswering:
    """Answers incidents, `at_once` in a transaction; those that were settled meanwhile are passed over."""

    def __init__(self, operations: Operations[DeskTx], at_once: int = AT_ONCE) -> None:
        self._operations = operations
        self._at_once = at_once

    def __call__(self, run: JobRun) -> Mapping[str, Any] | None:
        """Answer those that are left; what cannot be settled is counted, and stays as it is."""
        state, more = run.kept.state or {}, True
        reached = _Reached(run.kept.done, state.get("refused", 0), _id(state.get("after")))
        while more:
            run.check()
            reached, more = self._operations.run(run.caller, self._some, run, reached)
        return {"answered": reached.answered, "refused": reached.refused}

    def _some(self, tx: DeskTx, run: JobRun, reached: _Reached) -> tuple[_Reached, bool]:
        tx.bulk = True
        ids = self._next(tx, UUID(run.arguments["problem_id"]), reached.after)
        outcomes = [self._one(tx, run, one) for one in ids]
        reached = _Reached(
            reached.answered + outcomes.count(True),
            reached.refused + outcomes.count(False),
            ids[-1] if ids else reached.after,
        )
        state = {"refused": reached.refused, "after": str(reached.after)}
        run.progress_in(tx, reached.answered, details={"refused": reached.refused}, state=state)
        return reached, len(ids) == self._at_once

    def _one(self, tx: DeskTx, run: JobRun, ticket_id: UUID) -> bool | None:
        """Whether an incident was answered; None for one that was settled meanwhile."""
        status = run.arguments["status"]
        # By the job's id it is said once, whatever happens to the job.
        said = Said(
            text=run.arguments["text"],
            language=run.arguments["language"],
            external_id=f"answer-{run.id}",
        )

        def answer() -> bool | None:
            if tx.tickets.get(ticket_id).is_settled:
                return None
            reply(tx, ticket_id, said, status=None if status is None else Status(status))
            return True

        try:
            return tx.apart(answer)
        except DomainError as error:
            if error.category is Category.UNAVAILABLE:
                raise
            return False

    def _next(self, tx: DeskTx, problem_id: UUID, after: UUID) -> Sequence[UUID]:
        about = {"tenant_id": tx.tenant_id, "problem_id": problem_id, "after": after}
        rows = tx.fetch_all(_OPEN_INCIDENTS, {**about, "most": self._at_once})
        return [row["id"] for row in rows]


def _id(text: str | None) -> UUID:
    return UUID(int=0) if text is None else UUID(text)


def answering_jobs(operations: Operations[DeskTx]) -> Mapping[str, JobHandler]:
    """The handlers of the jobs of problems."""
    return {ANSWER_INCIDENTS: IncidentsAnswering(operations)}


_OPEN_INCIDENTS = Statement(
    "SELECT id FROM tickets WHERE tenant_id = %(tenant_id)s AND problem_id = %(problem_id)s"
    " AND id > %(after)s AND status NOT IN ('resolved', 'closed') ORDER BY id LIMIT %(most)s"
)
