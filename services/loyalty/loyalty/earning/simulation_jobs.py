"""Tries a rule on more than somebody waits for: a job that reads some at a time and writes nothing.

After a crash the next worker begins anew, since what was counted is kept in memory alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.work.jobs import JobHandler, JobRun, start_job
from loyalty.earning.simulating import (
    LONGEST_IN_JOB,
    MOST_IN_JOB,
    Span,
    Trial,
    draft_rule,
    written_rule,
)
from loyalty.earning_rules.encoding import kept, terms_of
from loyalty.earning_terms.domain import EarningTerms, RuleInForce
from loyalty.programs.queries import program
from loyalty.transaction import LoyaltyTx

SIMULATE_RULE = "simulate_earning_rule"
"""The kind of job."""
AT_ONCE = 1_000


def start_simulation(tx: LoyaltyTx, rule_id: UUID, span: Span) -> UUID:
    """Have a rule tried as it is written now. Raises `NotFound`, `Invalid`."""
    return _start(tx, written_rule(tx, rule_id), span)


def start_draft_simulation(
    tx: LoyaltyTx, program_id: UUID, terms: EarningTerms, span: Span
) -> UUID:
    """Have a rule tried that nobody has kept. Raises `NotFound`, `Invalid`."""
    return _start(tx, draft_rule(program_id, terms), span)


def _start(tx: LoyaltyTx, candidate: RuleInForce, span: Span) -> UUID:
    program(tx, candidate.program_id)
    span.require_possible(LONGEST_IN_JOB)
    arguments = {
        "rule_id": str(candidate.rule_id),
        "program_id": str(candidate.program_id),
        "terms": kept(candidate.terms),
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "top": span.top,
    }
    return start_job(tx, SIMULATE_RULE, arguments)


class Simulating:
    """Tries a rule, on `at_once` happenings in a transaction."""

    def __init__(self, operations: Operations[LoyaltyTx], at_once: int = AT_ONCE) -> None:
        self._operations = operations
        self._at_once = at_once

    def __call__(self, run: JobRun) -> Mapping[str, Any] | None:
        """Give what the rule would have given. Raises `Invalid` where too much happened."""
        read, caller, given = self._operations.read, run.caller, run.arguments
        since, until = (datetime.fromisoformat(given[one]) for one in ("since", "until"))
        terms = terms_of(given["terms"])
        candidate = RuleInForce(UUID(given["rule_id"]), 0, UUID(given["program_id"]), terms)
        span = Span(since, until, given["top"])
        trial = read(caller, EVERYTHING, Trial, candidate, span)
        ids = read(caller, EVERYTHING, trial.happened, MOST_IN_JOB)
        for start in range(0, len(ids), self._at_once):
            run.progress(start, len(ids))
            read(caller, EVERYTHING, trial.take, ids[start : start + self._at_once])
        run.progress(len(ids), len(ids))
        return trial.shown()


def simulation_jobs(operations: Operations[LoyaltyTx]) -> Mapping[str, JobHandler]:
    """The handlers of simulations."""
    return {SIMULATE_RULE: Simulating(operations)}
