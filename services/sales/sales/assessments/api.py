"""What is found out about leads, and what is decided on it, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.assessments import operations, queries
from sales.assessments.domain import Assessment
from sales.assessments.models import (
    AssessmentOut,
    DisqualifyIn,
    FindingIn,
    QualifyIn,
    shown,
)
from sales.leads import models as lead_models
from sales.leads.domain import Lead
from sales.leads.models import LeadOut
from sales.transaction import SalesTx

READ = "sales.leads.read"
WRITE = "sales.leads.write"
_ONE = "/<uuid:lead_id>/assessments/<uuid:framework_id>"

assessments = Routes("/v1/sales/leads", tag="leads")


@assessments.get(
    "/<uuid:lead_id>/assessments",
    permission=READ,
    listing=queries.ASSESSMENTS,
    returns=AssessmentOut,
)
def list_assessments(call: Call[SalesTx], listing: Listing, lead_id: UUID) -> Reply:
    """List what a lead was asked, by framework, and what its answers say."""
    return Reply(call.read(queries.list_assessments, listing, lead_id))


@assessments.get(_ONE, permission=READ, returns=AssessmentOut)
def get_assessment(call: Call[SalesTx], lead_id: UUID, framework_id: UUID) -> Reply:
    """Get a lead's answers to a framework; before the first one, the questions."""
    return Reply(call.read(queries.get_assessment, lead_id, framework_id))


@assessments.put(
    f"{_ONE}/answers/<question>",
    permission=WRITE,
    body=FindingIn,
    returns=AssessmentOut,
    problems=(409,),
)
def answer_question(
    call: Call[SalesTx], body: FindingIn, lead_id: UUID, framework_id: UUID, question: str
) -> Response:
    """Note what a lead has answered, and on what evidence, in place of the answer before."""
    finding = operations.Finding(body.answer, body.evidence, body.at, body.activity_id)
    return call.run(
        lambda tx: operations.answer_question(tx, lead_id, framework_id, question, finding),
        _assessment,
    )


@assessments.delete(f"{_ONE}/answers/<question>", permission=WRITE, conditional=False)
def withdraw_answer(
    call: Call[SalesTx], lead_id: UUID, framework_id: UUID, question: str
) -> Response:
    """Take an answer back."""
    return call.run(
        lambda tx: operations.withdraw_answer(tx, lead_id, framework_id, question),
        lambda _tx, _assessment: Reply.nothing(),
    )


@assessments.post(
    f"{_ONE}/adopt-definition", permission=WRITE, returns=AssessmentOut, problems=(409,)
)
def adopt_framework_definition(call: Call[SalesTx], lead_id: UUID, framework_id: UUID) -> Response:
    """Have a lead's assessment go by the framework's newest definition; answers stay."""
    return call.run(lambda tx: operations.adopt_definition(tx, lead_id, framework_id), _assessment)


@assessments.post(
    "/<uuid:lead_id>/qualify",
    permission=WRITE,
    body=QualifyIn,
    returns=LeadOut,
    conditional=True,
    problems=(409,),
)
def qualify_lead(call: Call[SalesTx], body: QualifyIn, lead_id: UUID) -> Response:
    """Call a lead qualified whose answers say so; 409 names every question that is in the way."""
    return call.run(lambda tx: operations.qualify_lead(tx, lead_id, body.framework_id), _lead)


@assessments.post(
    "/<uuid:lead_id>/disqualify",
    permission=WRITE,
    body=DisqualifyIn,
    returns=LeadOut,
    conditional=True,
    problems=(409,),
)
def disqualify_lead(call: Call[SalesTx], body: DisqualifyIn, lead_id: UUID) -> Response:
    """Note that nothing will come of a lead, and why."""
    return call.run(
        lambda tx: operations.disqualify_lead(tx, lead_id, body.reason, body.note), _lead
    )


@assessments.post(
    "/<uuid:lead_id>/reconsider",
    permission=WRITE,
    returns=LeadOut,
    conditional=True,
    problems=(409,),
)
def reconsider_lead(call: Call[SalesTx], lead_id: UUID) -> Response:
    """Open the question again whether a lead is qualified."""
    return call.run(lambda tx: operations.reconsider_lead(tx, lead_id), _lead)


def _assessment(_tx: SalesTx, assessment: Assessment) -> Reply:
    return Reply(shown(assessment))


def _lead(_tx: SalesTx, lead: Lead) -> Reply:
    return Reply(lead_models.shown(lead), version=lead.version)
