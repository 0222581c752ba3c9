"""Assignments of leads as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from sales.assignment_rules.domain import LeadTraits
from sales.assignment_rules.models import Score
from sales.lead_assignments.choosing import Choice
from sales.lead_assignments.domain import LeadAssignment, PoolReason
from sales.lead_assignments.storage import document_of
from sales.leads.models import Country
from sales.names import Short
from sales.territories.domain import Traits
from sales.territories.models import CompanySize


class LeadTraitsIn(Body):
    """What rules look at in a lead; what is not said is not known."""

    source: Short = ""
    campaign: Short = ""
    language: Annotated[str, Field(max_length=35)] = ""
    country: Country = ""
    postal_code: Annotated[str, Field(max_length=20)] = ""
    industry: Short = ""
    company_size: CompanySize | None = None
    company_id: UUID | None = None
    score: Score = 0


class AssignmentPreviewIn(Body):
    """A lead that might be captured now."""

    lead: LeadTraitsIn


class SkippedOut(BaseModel):
    """Somebody who could not take the lead.

    `because` is `away`, `invited`, `suspended`, `deactivated`, `full` (has the most open leads that
    the rule allows) or `had_it` (has broken a promise about this lead).
    """

    user_id: UUID
    because: str


class ConsideredOut(BaseModel):
    """A rule that was tried, in its order: it took the lead, or says why not.

    `unmet` names the conditions that the lead does not meet, or `outside_territories`,
    `territory_without_people`, `company_unknown`, `company_unowned`.
    """

    assignment_rule_id: UUID
    taken: bool
    unmet: list[str]
    skipped: list[SkippedOut]


class AssignmentPreviewOut(BaseModel):
    """Who would get such a lead now, by which rule, and why no rule before it took it.

    `contact_due_at` is until when first contact would be promised. Without an owner it would stay
    in the pool, for the `reason`.
    """

    owner_id: UUID | None
    assignment_rule_id: UUID | None
    territory_id: UUID | None
    reason: PoolReason | None
    contact_due_at: datetime | None
    considered: list[ConsideredOut]


class LeadAssignmentOut(AssignmentPreviewOut):
    """One time that rules were tried for the lead; `missed_at` is when the promise was broken.

    With `taken_over` no rules were tried: somebody has claimed the lead or was chosen by hand, and
    promises first contact by the rule that asked for it last. `promise_ended_at` is when a promise
    ended that was neither kept nor broken, since the lead went elsewhere.
    """

    id: UUID
    lead_id: UUID
    previous_owner_id: UUID | None
    assigned_at: datetime
    missed_at: datetime | None
    promise_ended_at: datetime | None
    taken_over: bool


def traits_in(body: LeadTraitsIn) -> LeadTraits:
    """What a body says of a lead."""
    return LeadTraits(
        customer=Traits(body.country, body.postal_code, body.industry, body.company_size),
        source=body.source,
        campaign=body.campaign,
        language=body.language,
        score=body.score,
        company_id=body.company_id,
    )


def shown_choice(choice: Choice, now: datetime) -> dict[str, Any]:
    """Who would get a lead, as the API shows it."""
    rule = choice.rule
    promise = None if rule is None else rule.definition.promise
    return {
        "owner_id": choice.owner_id,
        "assignment_rule_id": None if rule is None else rule.id,
        "territory_id": choice.territory_id,
        "reason": choice.reason,
        "contact_due_at": None if promise is None else promise.due_at(now),
        "considered": [document_of(one) for one in choice.considered],
    }


_OWN = (
    "id",
    "lead_id",
    "owner_id",
    "previous_owner_id",
    "assignment_rule_id",
    "territory_id",
    "reason",
    "contact_due_at",
    "assigned_at",
    "missed_at",
    "promise_ended_at",
    "taken_over",
)


def shown(assignment: LeadAssignment) -> dict[str, Any]:
    """An assignment as the API shows one."""
    return {
        **{name: getattr(assignment, name) for name in _OWN},
        "considered": [document_of(one) for one in assignment.considered],
    }
