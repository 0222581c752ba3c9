"""Earning rules over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.earning_rules import operations, queries
from loyalty.earning_rules.domain import EarningRule
from loyalty.earning_rules.models import (
    EarningRuleIn,
    EarningRuleOut,
    EarningRulePatch,
    SinceIn,
    VersionsOut,
    VocabularyOut,
    changed_by,
    shown,
    terms_in,
)
from loyalty.transaction import LoyaltyTx

READ = "loyalty.earning_rules.read"
WRITE = "loyalty.earning_rules.write"
ACTIVATE = "loyalty.earning_rules.activate"

earning_rules = Routes("/v1/loyalty/earning-rules", tag="earning-rules")
earning_vocabulary = Routes("/v1/loyalty/earning-vocabulary", tag="earning-rules")


@earning_rules.get("", permission=READ, listing=queries.EARNING_RULES, returns=EarningRuleOut)
def list_earning_rules(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List rules by which people earn points, newest first unless asked otherwise."""
    return Reply(call.read(queries.list_rules, listing))


@earning_rules.post(
    "",
    permission=WRITE,
    body=EarningRuleIn,
    returns=EarningRuleOut,
    status=201,
    problems=(404,),
)
def create_earning_rule(call: Call[LoyaltyTx], body: EarningRuleIn) -> Response:
    """Write a rule. It gives nothing until it is activated."""
    terms = terms_in(body)

    def reply(_tx: LoyaltyTx, rule: EarningRule) -> Reply:
        return Reply.created(f"{earning_rules.prefix}/{rule.id}", shown(rule), rule.version)

    return call.run(lambda tx: operations.create_rule(tx, body.program_id, terms), reply)


@earning_rules.get("/<uuid:earning_rule_id>", permission=READ, returns=EarningRuleOut)
def get_earning_rule(call: Call[LoyaltyTx], earning_rule_id: UUID) -> Reply:
    """Get a rule as it was written last."""
    rule = call.read(queries.get_rule, earning_rule_id)
    return Reply(rule, version=rule["version"])


@earning_rules.patch(
    "/<uuid:earning_rule_id>",
    permission=WRITE,
    body=EarningRulePatch,
    returns=EarningRuleOut,
    problems=(409,),
)
def change_earning_rule(
    call: Call[LoyaltyTx], body: EarningRulePatch, earning_rule_id: UUID
) -> Response:
    """Write a rule anew. What is in force stays so until the rule is activated again."""
    return call.run(
        lambda tx: operations.change_rule(
            tx, earning_rule_id, lambda terms: changed_by(body, terms)
        ),
        _shown,
    )


@earning_rules.get("/<uuid:earning_rule_id>/versions", permission=READ, returns=VersionsOut)
def list_earning_rule_versions(call: Call[LoyaltyTx], earning_rule_id: UUID) -> Reply:
    """List what was in force of a rule, and when. A purchase is judged by what was when it was made."""
    return Reply(call.read(queries.list_versions, earning_rule_id))


@earning_rules.post(
    "/<uuid:earning_rule_id>/activate",
    permission=ACTIVATE,
    returns=EarningRuleOut,
    problems=(409,),
)
def activate_earning_rule(call: Call[LoyaltyTx], earning_rule_id: UUID) -> Response:
    """Have a rule be in force as it is written, for what happens from now on."""
    return call.run(lambda tx: operations.activate_rule(tx, earning_rule_id), _shown)


@earning_rules.post(
    "/<uuid:earning_rule_id>/activate-since",
    permission=ACTIVATE,
    body=SinceIn,
    returns=EarningRuleOut,
    problems=(409,),
)
def activate_earning_rule_since(
    call: Call[LoyaltyTx], body: SinceIn, earning_rule_id: UUID
) -> Response:
    """Have a rule that never was in force be so since a time before: for purchases told from now on."""
    return call.run(
        lambda tx: operations.activate_rule_since(tx, earning_rule_id, body.since), _shown
    )


@earning_rules.post(
    "/<uuid:earning_rule_id>/pause",
    permission=ACTIVATE,
    returns=EarningRuleOut,
    problems=(409,),
)
def pause_earning_rule(call: Call[LoyaltyTx], earning_rule_id: UUID) -> Response:
    """Have a rule give nothing for what happens from now on, until it is activated again."""
    return call.run(lambda tx: operations.pause_rule(tx, earning_rule_id), _shown)


@earning_rules.post("/<uuid:earning_rule_id>/archive", permission=ACTIVATE, returns=EarningRuleOut)
def archive_earning_rule(call: Call[LoyaltyTx], earning_rule_id: UUID) -> Response:
    """Have a rule be in force no more. What happened before is still judged by it."""
    return call.run(lambda tx: operations.archive_rule(tx, earning_rule_id), _shown)


@earning_rules.post("/<uuid:earning_rule_id>/restore", permission=ACTIVATE, returns=EarningRuleOut)
def restore_earning_rule(call: Call[LoyaltyTx], earning_rule_id: UUID) -> Response:
    """Have an archived rule be back, paused, or a draft if it never was in force.

    It gives nothing before it is activated, and nothing for what happened while it was archived.
    """
    return call.run(lambda tx: operations.restore_rule(tx, earning_rule_id), _shown)


@earning_vocabulary.get("", permission=READ, returns=VocabularyOut)
def get_earning_vocabulary(_call: Call[LoyaltyTx]) -> Reply:
    """Get what conditions can ask about, and what points can be earned by."""
    return Reply(queries.vocabulary())


def _shown(_tx: LoyaltyTx, rule: EarningRule) -> Reply:
    return Reply(shown(rule), version=rule.version)
