"""Reads what a lead's score goes by, as far as the rules ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.assessments.domain import Answer
from sales.assessments.storage import answer_of
from sales.lead_facts.domain import Origin, Touch, TouchKind
from sales.leads.domain import Lead
from sales.scoring_rules.domain import RuleKind
from sales.scoring_rules.scoring import Subject
from sales.scoring_rules.storage import Rules

MOST_TOUCHES = 500
"""How many touches count at most, the latest: a lead with more has points enough."""


def subject_of(reading: Reading | UnitOfWork, lead: Lead, rules: Rules, now: datetime) -> Subject:
    """The lead with its touches and its answers, each read only if a rule asks for them."""
    kinds = {rule.kind for _, rule in rules}
    touches = _touches(reading, lead.id, now) if RuleKind.TOUCH in kinds else ()
    answers = _answers(reading, lead.id) if RuleKind.QUALIFICATION in kinds else {}
    return Subject(lead, touches, answers)


def _touches(reading: Reading | UnitOfWork, lead_id: UUID, now: datetime) -> Sequence[Touch]:
    about = {
        "tenant_id": reading.caller.tenant_id,
        "lead_id": lead_id,
        "now": now,
        "most": MOST_TOUCHES,
    }
    return [
        Touch(
            row["id"],
            TouchKind(row["kind"]),
            Origin(row["source"], row["campaign"], row["landing_page"], row["variant"]),
            row["at"],
        )
        for row in reading.fetch_all(_TOUCHES, about)
    ]


def _answers(reading: Reading | UnitOfWork, lead_id: UUID) -> dict[UUID, list[Answer]]:
    about = {"tenant_id": reading.caller.tenant_id, "lead_id": lead_id}
    rows = reading.fetch_all(_ANSWERS, about)
    return {row["framework_id"]: [answer_of(one) for one in row["answers"]] for row in rows}


_TOUCHES = Statement(
    "SELECT id, kind, source, campaign, landing_page, variant, at FROM lead_touches"
    " WHERE tenant_id = %(tenant_id)s AND lead_id = %(lead_id)s AND at <= %(now)s"
    " ORDER BY at DESC, id DESC LIMIT %(most)s"
)
_ANSWERS = Statement(
    "SELECT framework_id, answers FROM lead_assessments"
    " WHERE tenant_id = %(tenant_id)s AND lead_id = %(lead_id)s"
)
