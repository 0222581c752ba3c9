"""What users find out about leads, and what they decide on it; each function is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from sales.assessments.domain import Answer, Assessment
from sales.lead_reviews.operations import look_again
from sales.leads.domain import Decision, Lead
from sales.qualification_frameworks.operations import bant_id, give_bant
from sales.qualification_frameworks.storage import newest_definition
from sales.reasons.domain import ReasonKind
from sales.reasons.operations import require_reason
from sales.transaction import SalesTx


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about a question, now without `at`."""

    answer: str
    evidence: str = ""
    at: datetime | None = None
    activity_id: UUID | None = None


def answer_question(
    tx: SalesTx, lead_id: UUID, framework_id: UUID, question: str, finding: Finding
) -> Assessment:
    """Note what a lead has answered, and on what evidence.

    Raises `NotFound`, `Invalid`, `Conflict` for a lead that is not open and, with the first answer,
    for a framework that is archived.
    """
    lead, now = _open_lead(tx, lead_id), tx.clock.now()
    _require_activity(tx, lead, finding.activity_id)
    assessment = tx.assessments.of_lead(lead_id, framework_id) or _begun(tx, lead, framework_id)
    given = Answer(
        question=question,
        answer=finding.answer,
        evidence=finding.evidence,
        at=finding.at or now,
        by=tx.caller.actor,
        activity_id=finding.activity_id,
    )
    assessment.answer(given, lead.details.owner_id, now)
    look_again(tx, lead)
    return assessment


def withdraw_answer(
    tx: SalesTx, lead_id: UUID, framework_id: UUID, question: str
) -> Assessment | None:
    """Take an answer back; None when there was none ever. Raises `NotFound`, `Conflict`."""
    lead = _open_lead(tx, lead_id)
    assessment = tx.assessments.of_lead(lead_id, framework_id)
    if assessment is not None:
        assessment.withdraw(question, lead.details.owner_id, tx.clock.now())
        look_again(tx, lead)
    return assessment


def adopt_definition(tx: SalesTx, lead_id: UUID, framework_id: UUID) -> Assessment:
    """Have an assessment go by the newest definition. Raises `NotFound`, `Conflict`."""
    lead = _open_lead(tx, lead_id)
    assessment = tx.assessments.of_lead(lead_id, framework_id)
    newest = newest_definition(tx, framework_id)
    if assessment is None or newest is None:
        raise NotFound.of("assessment by framework", framework_id)
    number, definition, _archived = newest
    assessment.adopt(number, definition, lead.details.owner_id, tx.clock.now())
    look_again(tx, lead)
    return assessment


def qualify_lead(tx: SalesTx, lead_id: UUID, framework_id: UUID | None) -> Lead:
    """Call a lead qualified whose answers say so, by BANT unless another framework is named.

    Raises `NotFound`, `Conflict` that names every question that is open or unmet.
    """
    lead = _open_lead(tx, lead_id)
    framework = framework_id or bant_id(tx.tenant_id)
    assessment = tx.assessments.of_lead(lead_id, framework) or _begun(tx, lead, framework)
    judgement = assessment.require_qualifying()
    decision = Decision(at=tx.clock.now(), by=tx.caller.actor, framework_id=framework)
    lead.qualify(judgement.points, decision)
    look_again(tx, lead)
    return lead


def disqualify_lead(tx: SalesTx, lead_id: UUID, reason: str, note: str) -> Lead:
    """Note that nothing will come of a lead, and why. Raises `NotFound`, `Invalid`, `Conflict`."""
    lead = tx.leads.get(lead_id)
    require_reason(tx, ReasonKind.DISQUALIFICATION, reason)
    lead.disqualify(Decision(at=tx.clock.now(), by=tx.caller.actor, reason=reason, note=note))
    look_again(tx, lead)
    return lead


def reconsider_lead(tx: SalesTx, lead_id: UUID) -> Lead:
    """Open the question again whether a lead is qualified. Raises `NotFound`, `Conflict`."""
    lead = tx.leads.get(lead_id)
    lead.reconsider(tx.clock.now())
    look_again(tx, lead)
    return lead


def _open_lead(tx: SalesTx, lead_id: UUID) -> Lead:
    lead = tx.leads.get(lead_id)
    lead.require_open()
    return lead


def _begun(tx: SalesTx, lead: Lead, framework_id: UUID) -> Assessment:
    if framework_id == bant_id(tx.tenant_id):
        give_bant(tx)
    newest = newest_definition(tx, framework_id)
    if newest is None:
        raise NotFound.of("qualification framework", framework_id)
    number, definition, archived = newest
    if archived:
        message = "The framework is archived; restore it first."
        raise Conflict(message, code="framework_archived")
    now = tx.clock.now()
    assessment = Assessment(
        id=tx.ids.new(),
        lead_id=lead.id,
        framework_id=framework_id,
        number=number,
        definition=definition,
        created_at=now,
        updated_at=now,
    )
    tx.assessments.add(assessment)
    return assessment


def _require_activity(tx: SalesTx, lead: Lead, activity_id: UUID | None) -> None:
    if activity_id is None:
        return
    try:
        about = tx.activities.get(activity_id).details.lead_id
    except NotFound as missing:
        raise Invalid.at("/activity_id", "activity_unknown", missing.message) from None
    if about not in (None, lead.id):
        message = "The activity is about another lead."
        raise Invalid.at("/activity_id", "activity_of_another_lead", message)
