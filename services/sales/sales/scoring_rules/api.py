"""Scoring rules and explained scores over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.leads.api import READ as READ_LEADS
from sales.scoring_rules import operations, queries
from sales.scoring_rules.domain import ScoringRule
from sales.scoring_rules.models import (
    ScoreOut,
    ScoringRuleIn,
    ScoringRuleOut,
    definition_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.scoring_rules.read"
WRITE = "sales.scoring_rules.write"

scoring_rules = Routes("/v1/sales/scoring-rules", tag="leads")
scores = Routes("/v1/sales/leads", tag="leads")


@scores.get("/<uuid:lead_id>/score", permission=READ_LEADS, returns=ScoreOut)
def explain_lead_score(call: Call[SalesTx], lead_id: UUID) -> Reply:
    """Explain a lead's score: what each rule gives, and for which facts."""
    return Reply(call.read(queries.explain_score, lead_id))


@scoring_rules.get("", permission=READ, listing=queries.SCORING_RULES, returns=ScoringRuleOut)
def list_scoring_rules(call: Call[SalesTx], listing: Listing) -> Reply:
    """List for what leads have points."""
    return Reply(call.read(queries.list_rules, listing))


@scoring_rules.post(
    "", permission=WRITE, body=ScoringRuleIn, returns=ScoringRuleOut, status=201, problems=(409,)
)
def define_scoring_rule(call: Call[SalesTx], body: ScoringRuleIn) -> Response:
    """Have leads have points for something; all that are open are scored anew."""
    definition = definition_in(body)

    def reply(_tx: SalesTx, rule: ScoringRule) -> Reply:
        return Reply.created(f"{scoring_rules.prefix}/{rule.id}", shown(rule), rule.version)

    return call.run(lambda tx: operations.define_rule(tx, definition), reply)


@scoring_rules.get("/<uuid:scoring_rule_id>", permission=READ, returns=ScoringRuleOut)
def get_scoring_rule(call: Call[SalesTx], scoring_rule_id: UUID) -> Reply:
    """Get a scoring rule."""
    rule = call.read(queries.get_rule, scoring_rule_id)
    return Reply(rule, version=rule["version"])


@scoring_rules.put(
    "/<uuid:scoring_rule_id>",
    permission=WRITE,
    body=ScoringRuleIn,
    returns=ScoringRuleOut,
    conditional=True,
)
def redefine_scoring_rule(
    call: Call[SalesTx], body: ScoringRuleIn, scoring_rule_id: UUID
) -> Response:
    """Have a rule give other points, or for something else; all open leads are scored anew."""
    definition = definition_in(body)
    return call.run(
        lambda tx: operations.redefine_rule(tx, scoring_rule_id, definition),
        lambda _tx, rule: Reply(shown(rule), version=rule.version),
    )


@scoring_rules.delete("/<uuid:scoring_rule_id>", permission=WRITE)
def remove_scoring_rule(call: Call[SalesTx], scoring_rule_id: UUID) -> Response:
    """Have a rule count no more; all open leads are scored anew."""
    return call.run(
        lambda tx: operations.remove_rule(tx, scoring_rule_id),
        lambda _tx, _rule: Reply.nothing(),
    )
