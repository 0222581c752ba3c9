"""Which rule takes a ticket, and which agent gets it, with why the others did not (DE-5).

Pure: what is counted and who is there is handed in. Whoever comes back or is new waits longest once,
and makes up for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from chassis.conditions.evaluation import Value
from desk.agents.domain import AgentProfile
from desk.queues.domain import Method
from desk.routing.domain import Considered, Need, Skipped
from desk.routing_rules.domain import RoutingRule
from desk.ticket_vocabulary import condition_of

HAD_IT = "had_it"
FULL = "full"
QUEUE_FULL = "queue_full"
LACKS_SKILL = "lacks_skill"
OTHER_LANGUAGE = "other_language"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent as far as it matters who gets the next ticket.

    `turn` is when it was theirs last in this queue, in growing numbers; 0 is never. `unavailable` is
    why they can take nothing new now; empty when they can.
    """

    agent_id: UUID
    profile: AgentProfile
    open_tickets: int = 0
    open_in_queue: int = 0
    turn: int = 0
    unavailable: str = ""


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """Who gets it, if anybody does, and why others did not."""

    agent_id: UUID | None
    skipped: tuple[Skipped, ...] = ()


def choose_rule(
    rules: Sequence[RoutingRule], values: Mapping[str, Value]
) -> tuple[RoutingRule | None, tuple[Considered, ...]]:
    """The first rule whose condition holds, and those that were tried until then."""
    considered: list[Considered] = []
    for rule in rules:
        source = rule.definition.condition
        if not source:
            considered.append(Considered(rule.id, taken=True))
            return rule, tuple(considered)
        verdict = condition_of(source).judge(values)
        considered.append(Considered(rule.id, verdict.holds, verdict.problem or ""))
        if verdict.holds:
            return rule, tuple(considered)
    return None, tuple(considered)


def choose_agent(
    method: Method,
    candidates: Sequence[Candidate],
    need: Need,
    *,
    most_open: int | None = None,
    barred: UUID | None = None,
) -> AgentChoice:
    """Who of a queue's agents gets a ticket, by the queue's method; nobody in a manual one."""
    if method is Method.MANUAL:
        return AgentChoice(None)
    free: list[Candidate] = []
    skipped: list[Skipped] = []
    for one in candidates:
        because = HAD_IT if one.agent_id == barred else obstacle(one, need, most_open)
        if because:
            skipped.append(Skipped(one.agent_id, because))
        else:
            free.append(one)
    rank = _RANKS[method]
    chosen = min(free, key=lambda one: rank(one, need), default=None)
    return AgentChoice(None if chosen is None else chosen.agent_id, tuple(skipped))


def obstacle(one: Candidate, need: Need, most_open: int | None) -> str:
    """What keeps an agent from taking a ticket; empty when nothing does."""
    if one.unavailable:
        return one.unavailable
    if one.open_tickets >= one.profile.capacity:
        return FULL
    if most_open is not None and one.open_in_queue >= most_open:
        return QUEUE_FULL
    return unfit(one.profile, need)


def unfit(profile: AgentProfile, need: Need) -> str:
    """What somebody lacks for a ticket; empty when nothing."""
    if any(profile.level(skill.key) < skill.level for skill in need.skills):
        return LACKS_SKILL
    return "" if profile.speaks(need.language) else OTHER_LANGUAGE


def _load(one: Candidate) -> Fraction:
    return Fraction(one.open_tickets, max(one.profile.capacity, 1))


def _by_turn(one: Candidate, _need: Need) -> tuple[Any, ...]:
    return (one.turn, one.agent_id)


def _by_load(one: Candidate, _need: Need) -> tuple[Any, ...]:
    return (_load(one), one.turn, one.agent_id)


def _by_skill(one: Candidate, need: Need) -> tuple[Any, ...]:
    """The best at what is needed first, be it by levels that nobody asked for."""
    level = sum(one.profile.level(skill.key) for skill in need.skills)
    return (-level, _load(one), one.turn, one.agent_id)


_RANKS: Mapping[Method, Callable[[Candidate, Need], tuple[Any, ...]]] = {
    Method.ROUND_ROBIN: _by_turn,
    Method.LEAST_LOADED: _by_load,
    Method.SKILL: _by_skill,
}
