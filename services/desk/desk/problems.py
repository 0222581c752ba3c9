"""The kinds of refusals that only desk knows."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind
from desk.automating_problems import AUTOMATING_PROBLEMS
from desk.knowing_problems import KNOWING_PROBLEMS
from desk.mailing_problems import MAILING_PROBLEMS
from desk.promising_problems import PROMISING_PROBLEMS
from desk.routing_problems import ROUTING_PROBLEMS
from desk.surveying_problems import SURVEYING_PROBLEMS
from desk.ticketing_problems import TICKETING_PROBLEMS

PROBLEMS: tuple[ProblemKind, ...] = (
    *AUTOMATING_PROBLEMS,
    *KNOWING_PROBLEMS,
    *MAILING_PROBLEMS,
    *PROMISING_PROBLEMS,
    *ROUTING_PROBLEMS,
    *SURVEYING_PROBLEMS,
    *TICKETING_PROBLEMS,
)
