"""Reads what happened, and tries a rule on it, at once or some at a time; writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.domain import Invalid
from chassis.http.money import amount_out
from chassis.money import rounded
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.earning.simulation import CANDIDATE, Simulation
from loyalty.earning.standing import standings_of
from loyalty.earning.tiers import TiersInTime, tiers_in_time
from loyalty.earning_rules.operations import require_readable
from loyalty.earning_rules.queries import rule
from loyalty.earning_rules.storage import in_force
from loyalty.earning_terms.domain import EarningTerms, RuleInForce, require_possible
from loyalty.happenings.domain import Happening
from loyalty.happenings.storage import happening_of
from loyalty.happenings.vocabulary import Standing
from loyalty.programs.domain import Program
from loyalty.programs.queries import program

DEFINITIONS = {
    "happenings": "What happened within the range of the rule's trigger to people who are members of"
    " the program now.",
    "points": "What the rule would have given, with its caps, had it been in force all the time and"
    " nothing been taken back. Caps count from the range's beginning on.",
    "before": "What the rules gave that were in force at the time, of the same trigger.",
    "after": "The same with this rule, instead of what was in force of it: rules of its group give"
    " less, and multipliers more.",
    "cost": "Points x what a point of the program is worth.",
    "months": "Months on the clock of the program.",
    "reasons": "How often the rule would have given nothing, by why.",
}
LONGEST = timedelta(days=366)
MOST_HAPPENINGS = 10_000
"""How much one simulation looks at while its caller waits: half a millisecond each."""
LONGEST_IN_JOB = timedelta(days=3660)
MOST_IN_JOB = 500_000
"""How much one that is a job looks at; its results are kept in memory meanwhile."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant up to another, and how many members are named."""

    since: datetime
    until: datetime
    top: int

    def require_possible(self, longest: timedelta = LONGEST) -> None:
        """Raise `Invalid` for one that is empty or too long."""
        if self.since >= self.until:
            raise Invalid.at("/until", "range_empty", "It ends before it begins.")
        if self.until - self.since > longest:
            message = f"A range is at most {longest.days} days long."
            raise Invalid.at("/until", "range_too_long", message)


def simulate_rule(reading: Reading, rule_id: UUID, span: Span) -> dict[str, Any]:
    """What a rule, as it is written, would have given. Raises `NotFound`, `Invalid`."""
    return _simulate(reading, written_rule(reading, rule_id), span)


def simulate_draft(
    reading: Reading, program_id: UUID, terms: EarningTerms, span: Span
) -> dict[str, Any]:
    """What a rule that nobody has kept would have given. Raises `NotFound`, `Invalid`."""
    return _simulate(reading, draft_rule(program_id, terms), span)


class Trial:
    """A rule that is tried on what happened to members of its program, some at a time."""

    def __init__(self, reading: Reading, candidate: RuleInForce, span: Span) -> None:
        self._of = program(reading, candidate.program_id)
        self._span = span
        self._simulation = Simulation(candidate, self._of.zone)
        self._standings: dict[UUID, Standing | None] = {}
        self._about = {
            "tenant_id": reading.caller.tenant_id,
            "program_id": candidate.program_id,
            "kind": candidate.terms.trigger,
            "since": span.since,
            "until": span.until,
        }
        self._versions = [
            (in_force(row), row["valid_from"], row["valid_until"])
            for row in reading.fetch_all(_VERSIONS, self._about)
        ]

    def happened(self, reading: Reading, most: int) -> Sequence[UUID]:
        """What happened, by the time that is judged by. Raises `Invalid` for more than so much."""
        rows = reading.fetch_all(_HAPPENED, {**self._about, "most": most + 1})
        if len(rows) > most:
            message = f"More than {most} things happened: try a shorter range."
            raise Invalid.at("/until", "range_too_full", message)
        return [row["id"] for row in rows]

    def take(self, reading: Reading, ids: Sequence[UUID]) -> None:
        """Try the rule on some of it, which comes after all that was taken before.

        A member is looked at when it is met first, so that it stays the same through the trial.
        """
        about = {"tenant_id": self._about["tenant_id"], "ids": list(ids)}
        happened = [happening_of(row) for row in reading.fetch_all(_SOME, about)]
        people = {one.person_id for one in happened}
        new = sorted(people - self._standings.keys())
        found = standings_of(reading, self._of, new)
        self._standings |= {one: found.get(one) for one in new}
        met = [one for one in (self._standings[each] for each in sorted(people)) if one is not None]
        tiers = tiers_in_time(reading, self._of.id, [one.member_id for one in met])
        for happening in happened:
            self._take(happening, self._standings[happening.person_id], tiers)

    def shown(self) -> dict[str, Any]:
        """What came of it."""
        return _shown(self._simulation, self._of, self._span.top)

    def _take(self, happening: Happening, standing: Standing | None, tiers: TiersInTime) -> None:
        at, about = happening.judged_at, happening.properties.get("program_id")
        if standing is None or about not in (None, str(self._of.id)):
            return
        standing = replace(standing, tier=tiers.tier_at(standing.member_id, at))
        rules = [one for one, *when in self._versions if _within(at, *when)]
        on_top = tiers.multiplier(standing.member_id, at, happening.kind)
        self._simulation.add(happening, standing, rules if on_top is None else [*rules, on_top])


def written_rule(reading: Reading | UnitOfWork, rule_id: UUID) -> RuleInForce:
    """A rule as it is written, to be tried. Raises `NotFound`."""
    known = rule(reading, rule_id)
    return RuleInForce(rule_id, 0, known.program_id, known.terms)


def draft_rule(program_id: UUID, terms: EarningTerms) -> RuleInForce:
    """A rule that nobody has kept, to be tried. Raises `Invalid`."""
    require_possible(terms)
    require_readable(terms)
    return RuleInForce(CANDIDATE, 0, program_id, terms)


def _simulate(reading: Reading, candidate: RuleInForce, span: Span) -> dict[str, Any]:
    trial = Trial(reading, candidate, span)
    span.require_possible()
    trial.take(reading, trial.happened(reading, MOST_HAPPENINGS))
    return trial.shown()


def _within(at: datetime, since: datetime, until: datetime | None) -> bool:
    return since <= at and (until is None or at < until)


def _shown(simulation: Simulation, of: Program, top: int) -> dict[str, Any]:
    points, currency = sum(simulation.points.values()), of.terms.currency
    sums = ("points", "before", "after")
    months = sorted(simulation.months.items())
    return {
        "happenings": simulation.happenings,
        "members": len(simulation.members),
        "members_earning": len(simulation.points),
        **{name: sum(getattr(month, name) for _, month in months) for name in sums},
        "cost": amount_out(rounded(points * of.terms.point_value, currency), currency),
        "months": [
            {
                "month": name,
                **{own: getattr(month, own) for own in sums},
                "members": len(month.members),
            }
            for name, month in months
        ],
        "top": [
            {"member_id": one, "points": simulation.points[one], "times": simulation.times[one]}
            for one in simulation.top(top)
        ],
        "reasons": dict(sorted(simulation.reasons.items())),
        "definitions": DEFINITIONS,
    }


_HAPPENED = Statement(
    "SELECT h.id FROM happenings h"
    " WHERE h.tenant_id = %(tenant_id)s AND h.kind = %(kind)s"
    " AND h.happened_at >= %(since)s AND h.happened_at < %(until)s"
    " AND h.person_id IN (SELECT m.person_id FROM members m WHERE m.tenant_id = %(tenant_id)s"
    " AND m.program_id = %(program_id)s AND m.status = 'active')"
    " ORDER BY h.judged_at, h.id LIMIT %(most)s"
)
_SOME = Statement(
    "SELECT id, kind, key, person_id, happened_at, judged_at, channel, branch, amount, currency,"
    " order_id, order_number, lines, properties FROM happenings"
    " WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s) AND person_id IS NOT NULL"
    " ORDER BY judged_at, id"
)
_VERSIONS = Statement(
    "SELECT rule_id, number, program_id, terms, valid_from, valid_until FROM earning_rule_versions"
    " WHERE tenant_id = %(tenant_id)s AND program_id = %(program_id)s AND trigger = %(kind)s"
    " ORDER BY rule_id, number"
)
