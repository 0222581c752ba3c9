"""The kinds of refusals that only notifications knows."""

from chassis.http.problem_kinds import ProblemKind

PROBLEMS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "feed_position_gone",
        410,
        "The position of the page token or of Last-Event-ID is older than the feed goes back, or is"
        " not one of it any more. Read without a token, and take stock of what was missed.",
    ),
    ProblemKind(
        "fact_type_unknown", 422, "No type of fact has this name, or begins so; see `fact-types`."
    ),
    ProblemKind("fact_type_malformed", 422, "This cannot be the name of a type of fact."),
)
