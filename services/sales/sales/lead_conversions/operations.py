"""Converts leads; each function is one transaction, or part of one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict, Invalid
from sales.activities.operations import hand_on_activity
from sales.lead_conversions.consents import have_passed_on
from sales.lead_conversions.domain import Conversion, Customer, Found, KeptBack, credited
from sales.lead_conversions.storage import (
    conversion_of,
    hand_over_activities,
    keep_conversion,
    open_activities_of,
    touches_of,
)
from sales.lead_facts.domain import Became, Qualification
from sales.lead_reviews.operations import look_again
from sales.leads.domain import Lead, LeadState
from sales.opportunities.domain import OpportunityDetails
from sales.opportunities.operations import open_opportunity
from sales.people.named import current_person
from sales.pipelines.storage import oldest_pipeline
from sales.transaction import SalesTx


@dataclass(frozen=True, slots=True)
class OpportunityPlan:
    """The opportunity that is to come of a lead.

    Without a pipeline it is in the oldest one in use; what the details do not say, the lead does.
    """

    pipeline_id: UUID | None = None
    stage: str | None = None
    details: OpportunityDetails = field(default_factory=OpportunityDetails)


@dataclass(frozen=True, slots=True)
class Consents:
    """What becomes of a lead's sayings: the places of those to pass on, and what is kept back."""

    to_pass_on: tuple[int, ...] = ()
    kept_back: tuple[KeptBack, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What contacts has said of a lead as it was when contacts was asked: `seen`."""

    seen: Lead
    person: Customer | None
    company: Customer | None
    owner_id: UUID | None
    consents: Consents = Consents()


@dataclass(frozen=True, slots=True)
class Converted:
    """A lead and what it has become."""

    lead: Lead
    conversion: Conversion


def convert_lead(
    tx: SalesTx, lead_id: UUID, outcome: Outcome | None, plan: OpportunityPlan | None
) -> Converted:
    """Have a lead be the customer that contacts knows, with an opportunity by the plan.

    One that was converted before stays as it was, so of it contacts need not be asked. Raises
    `NotFound`, `Invalid`, `Conflict` for one that is archived, and for one that is another by now
    than contacts was asked about (`lead_changed`).
    """
    found = None if outcome is None else outcome.person
    # Before the lead is held: a merge that is being followed waits for leads.
    person_id = None if found is None else current_person(tx, found.id)
    lead = tx.leads.get(lead_id)
    known = conversion_of(tx, lead_id) if lead.state is LeadState.CONVERTED else None
    if known is not None:
        return Converted(lead, known)
    lead.require_open()
    if outcome is None or _asked_about(lead) != _asked_about(outcome.seen):
        message = "The lead was changed while it was being converted; try again."
        raise Conflict(message, code="lead_changed", retry_after=1)
    company_id, now = None if outcome.company is None else outcome.company.id, tx.clock.now()
    became = Became(
        person_id=person_id,
        company_id=company_id,
        owner_id=outcome.owner_id,
        opportunity_id=_opened(tx, lead, plan, person_id, company_id, outcome.owner_id),
        credited=credited(touches_of(tx, lead_id), _turned_at(lead) or now),
        person_created=found is not None and found.found is Found.CREATED,
        company_created=outcome.company is not None and outcome.company.found is Found.CREATED,
    )
    lead.convert(became, now)
    look_again(tx, lead)  # it is not looked at any more
    conversion = Conversion(
        lead_id=lead_id,
        opportunity_id=became.opportunity_id,
        person=None if found is None else found.found,
        company=None if outcome.company is None else outcome.company.found,
        credit=became.credited,
        kept_back=outcome.consents.kept_back,
        at=now,
        by=tx.caller.actor,
    )
    tx.flush()
    hand_over_activities(tx, lead_id, person_id, company_id)
    keep_conversion(tx, conversion)
    if outcome.consents.to_pass_on:
        have_passed_on(tx, lead_id, outcome.consents.to_pass_on)
    return Converted(lead, conversion)


def _opened(
    tx: SalesTx,
    lead: Lead,
    plan: OpportunityPlan | None,
    person_id: UUID | None,
    company_id: UUID | None,
    owner_id: UUID | None,
) -> UUID | None:
    """The opportunity by the plan, with what is still to be done about the lead."""
    if plan is None:
        return None
    pipeline_id = plan.pipeline_id or oldest_pipeline(tx)
    if pipeline_id is None:
        message = "No pipeline is in use; define one, or convert without an opportunity."
        raise Invalid.at("/pipeline_id", "pipeline_missing", message)
    given = plan.details
    details = replace(
        given,
        name=given.name or lead.called,
        person_id=person_id,
        company_id=company_id,
        owner_id=owner_id,
        source=given.source or lead.origin.source,
        industry=given.industry or lead.details.industry,
        description=given.description or lead.details.description,
    )
    opened = open_opportunity(tx, pipeline_id, details, plan.stage, lead_id=lead.id)
    tx.flush()
    for activity in tx.activities.get_many(open_activities_of(tx, lead.id)):
        hand_on_activity(tx, activity.id, opened.id)
    return opened.id


def _asked_about(lead: Lead) -> tuple[object, ...]:
    """What contacts is told of a lead; that it was touched or rated meanwhile is no matter."""
    return replace(lead.details, owner_id=None), lead.consents


def _turned_at(lead: Lead) -> datetime | None:
    """When the lead was found to be a prospect, if somebody has said so."""
    if lead.decision is None or lead.qualification is not Qualification.QUALIFIED:
        return None
    return lead.decision.at
