"""The kinds of refusals that only contacts knows."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

PROBLEMS = (
    ProblemKind("archived", 409, "The record is archived; restore it before changing it."),
    ProblemKind(
        "duplicate", 409, "Others match exactly, and the request asked to be refused in that case."
    ),
    ProblemKind("external_id_taken", 409, "Another record has this id of that system."),
    ProblemKind("changed_since", 409, "The record was changed after the import that brought it."),
    ProblemKind(
        "owner_out_of_reach",
        403,
        "Nobody gives a record to somebody whose records they cannot see.",
    ),
)
