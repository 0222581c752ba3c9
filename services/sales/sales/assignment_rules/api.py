"""Assignment rules over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.assignment_rules import operations, queries
from sales.assignment_rules.domain import AssignmentRule
from sales.assignment_rules.models import (
    AssignmentRuleIn,
    AssignmentRuleOut,
    AssignmentRulePatch,
    changed,
    definition_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.assignment_rules.read"
WRITE = "sales.assignment_rules.write"

assignment_rules = Routes("/v1/sales/assignment-rules", tag="assignment")


@assignment_rules.get(
    "", permission=READ, listing=queries.ASSIGNMENT_RULES, returns=AssignmentRuleOut
)
def list_assignment_rules(call: Call[SalesTx], listing: Listing) -> Reply:
    """List the rules by which leads find an owner, in the order in which they are tried."""
    return Reply(call.read(queries.list_assignment_rules, listing))


@assignment_rules.post(
    "",
    permission=WRITE,
    body=AssignmentRuleIn,
    returns=AssignmentRuleOut,
    status=201,
    problems=(409,),
)
def define_assignment_rule(call: Call[SalesTx], body: AssignmentRuleIn) -> Response:
    """Define a rule: which leads it is for, how it chooses an owner, and what it promises."""

    def reply(_tx: SalesTx, rule: AssignmentRule) -> Reply:
        return Reply.created(f"{assignment_rules.prefix}/{rule.id}", shown(rule), rule.version)

    return call.run(
        lambda tx: operations.define_assignment_rule(tx, lambda last: definition_in(body, last)),
        reply,
    )


@assignment_rules.get("/<uuid:assignment_rule_id>", permission=READ, returns=AssignmentRuleOut)
def get_assignment_rule(call: Call[SalesTx], assignment_rule_id: UUID) -> Reply:
    """Get an assignment rule."""
    rule = call.read(queries.get_assignment_rule, assignment_rule_id)
    return Reply(rule, version=rule["version"])


@assignment_rules.patch(
    "/<uuid:assignment_rule_id>",
    permission=WRITE,
    body=AssignmentRulePatch,
    returns=AssignmentRuleOut,
)
def redefine_assignment_rule(
    call: Call[SalesTx], body: AssignmentRulePatch, assignment_rule_id: UUID
) -> Response:
    """Change a rule for leads to come; leads that somebody has by it stay theirs."""
    return call.run(
        lambda tx: operations.redefine_assignment_rule(
            tx, assignment_rule_id, lambda old: changed(old, body)
        ),
        _shown,
    )


@assignment_rules.delete("/<uuid:assignment_rule_id>", permission=WRITE)
def archive_assignment_rule(call: Call[SalesTx], assignment_rule_id: UUID) -> Response:
    """Archive a rule: it is tried no more."""
    return call.run(
        lambda tx: operations.archive_assignment_rule(tx, assignment_rule_id),
        lambda _tx, _rule: Reply.nothing(),
    )


@assignment_rules.post(
    "/<uuid:assignment_rule_id>/restore", permission=WRITE, returns=AssignmentRuleOut
)
def restore_assignment_rule(call: Call[SalesTx], assignment_rule_id: UUID) -> Response:
    """Have an archived rule tried again."""
    return call.run(lambda tx: operations.restore_assignment_rule(tx, assignment_rule_id), _shown)


def _shown(_tx: SalesTx, rule: AssignmentRule) -> Reply:
    return Reply(shown(rule), version=rule.version)
