"""Reads scoring rules and explains scores, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter
from chassis.storage.unit_of_work import Reading
from sales.leads.queries import within_reach
from sales.scoring_rules.documents import definition_of
from sales.scoring_rules.domain import RuleKind
from sales.scoring_rules.models import definition_shown, score_shown
from sales.scoring_rules.scoring import score_of
from sales.scoring_rules.storage import rules_in_force, scoring_rules
from sales.scoring_rules.subjects import subject_of

_columns = scoring_rules.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

SCORING_RULES = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="created_at",
    filters={"kind": choice_filter(_columns.kind, *RuleKind)},
)


def get_rule(reading: Reading, scoring_rule_id: UUID) -> dict[str, Any]:
    """The rule as the API shows one. Raises `NotFound`."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == scoring_rule_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("scoring rule", scoring_rule_id)
    return _shown(row)


def list_rules(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of rules."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, base, _shown)


def explain_score(reading: Reading, lead_id: UUID) -> dict[str, Any]:
    """What gives a lead which points now. Raises `NotFound`."""
    lead, now = within_reach(reading, lead_id), reading.clock.now()
    rules = rules_in_force(reading)
    score = score_of(rules, subject_of(reading, lead, rules, now), now)
    return score_shown(lead_id, lead.score, score)


def _shown(row: sa.Row[Any]) -> dict[str, Any]:
    plain = dict(row._mapping)
    definition = definition_of(plain.pop("definition"))
    return {**plain, **definition_shown(definition)}
