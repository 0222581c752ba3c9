"""The kinds of refusals that macros, triggers and time rules know."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

AUTOMATING_PROBLEMS: tuple[ProblemKind, ...] = (
    ProblemKind("macro_archived", 409, "The macro is archived."),
    ProblemKind("macro_for_others", 403, "Only who reaches them all makes macros for others."),
    ProblemKind(
        "macro_needs_user", 409, "The macro is for users: it gives a ticket to who applies it."
    ),
    ProblemKind("too_many_macros", 409, "There are as many macros as a tenant may have."),
    ProblemKind("trigger_archived", 409, "The trigger is archived."),
    ProblemKind("too_many_triggers", 409, "There are as many triggers as a tenant may have."),
    ProblemKind("time_rule_archived", 409, "The time rule is archived."),
    ProblemKind("too_many_time_rules", 409, "There are as many time rules as a tenant may have."),
)
