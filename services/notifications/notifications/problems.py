"""The kinds of refusals that only notifications knows."""

from chassis.http.problem_kinds import ProblemKind

PROBLEMS: tuple[ProblemKind, ...] = ()
