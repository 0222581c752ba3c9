"""The kinds of refusals that queues, agents and routing know."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

ROUTING_PROBLEMS = (
    ProblemKind("queue_exists", 409, "There is a queue with this key already."),
    ProblemKind("queue_general", 409, "The general queue takes what no rule takes: it stays."),
    ProblemKind("queue_not_served", 409, "Only agents who serve a queue take from it."),
    ProblemKind("too_many_queues", 409, "There are as many queues as a tenant may have."),
    ProblemKind("agent_exists", 409, "The user is an agent already."),
    ProblemKind("agent_archived", 409, "The agent is archived."),
    ProblemKind("agent_full", 409, "The agent has as many open tickets as they can carry."),
    ProblemKind("too_many_agents", 409, "There are as many agents as a tenant may have."),
    ProblemKind("too_many_absences", 409, "As many absences are to come as may be entered."),
    ProblemKind(
        "too_many_routing_rules", 409, "There are as many routing rules as a tenant may have."
    ),
)
