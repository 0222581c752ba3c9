"""The kinds of refusals that surveys, complaints and reports have."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

SURVEYING_PROBLEMS: tuple[ProblemKind, ...] = (
    # Surveys
    ProblemKind("too_many_surveys", 409, "There are as many surveys as a tenant may have."),
    ProblemKind("survey_planned", 409, "The customer is asked about it already."),
    ProblemKind("survey_closed", 409, "It was answered long ago, or can be answered no longer."),
    # Complaints
    ProblemKind("complaint_exists", 409, "The ticket is a complaint already."),
    ProblemKind(
        "complaint_incomplete", 409, "Say first what caused it, and what the customer got."
    ),
    ProblemKind("complaint_not_in_state", 409, "How the complaint stands does not allow it."),
    ProblemKind("complaint_cause_exists", 409, "There is a cause with this key already."),
    ProblemKind("too_many_complaint_causes", 409, "There are as many causes as there may be."),
    # Reports
    ProblemKind("reach_too_short", 403, "This needs the permission with reach over all."),
    ProblemKind("recount_running", 409, "The records are being counted anew already."),
)
