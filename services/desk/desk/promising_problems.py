"""The kinds of refusals about what customers are promised."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

PROMISING_PROBLEMS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "too_many_business_calendars", 409, "The tenant has as many calendars as it may have."
    ),
    ProblemKind("too_many_service_levels", 409, "The tenant has as many policies as it may have."),
    ProblemKind("promise_not_open", 409, "The promise was broken, kept or withdrawn: it stays so."),
    ProblemKind("promise_settled", 409, "The promise was kept or withdrawn already."),
    ProblemKind(
        "promises_pending", 409, "The customer still waits to hear: keep or withdraw that first."
    ),
    ProblemKind("too_many_promises", 409, "The ticket has as many promises as it may have."),
)
