"""Approval rules over REST."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.quote_approvals import operations, queries
from sales.quote_approvals.domain import ApprovalRule, Approvers
from sales.quote_approvals.models import ApprovalRuleIn, ApprovalRuleOut, shown
from sales.transaction import SalesTx

READ = "sales.approval_rules.read"
WRITE = "sales.approval_rules.write"

approval_rules = Routes("/v1/sales/quote-approval-rules", tag="quotes")


@approval_rules.get("", permission=READ, listing=queries.APPROVAL_RULES, returns=ApprovalRuleOut)
def list_quote_approval_rules(call: Call[SalesTx], listing: Listing) -> Reply:
    """List which discounts need whose approval."""
    return Reply(call.read(queries.list_approval_rules, listing))


@approval_rules.post(
    "",
    permission=WRITE,
    body=ApprovalRuleIn,
    returns=ApprovalRuleOut,
    status=201,
    problems=(409,),
)
def define_quote_approval_rule(call: Call[SalesTx], body: ApprovalRuleIn) -> Response:
    """Have discounts over a limit approved; quotes that are not sent yet need it, too."""

    def reply(_tx: SalesTx, rule: ApprovalRule) -> Reply:
        return Reply.created(f"{approval_rules.prefix}/{rule.id}", shown(rule), rule.version)

    approvers = Approvers(body.role_id, body.user_id, body.deputy_id, body.manager)
    percent = Decimal(body.over_percent)
    return call.run(
        lambda tx: operations.define_approval_rule(tx, body.name, percent, approvers), reply
    )


@approval_rules.get("/<uuid:approval_rule_id>", permission=READ, returns=ApprovalRuleOut)
def get_quote_approval_rule(call: Call[SalesTx], approval_rule_id: UUID) -> Reply:
    """Get an approval rule."""
    rule = call.read(queries.get_approval_rule, approval_rule_id)
    return Reply(rule, version=rule["version"])


@approval_rules.delete("/<uuid:approval_rule_id>", permission=WRITE)
def remove_quote_approval_rule(call: Call[SalesTx], approval_rule_id: UUID) -> Response:
    """Have a rule ask for nothing any more."""
    return call.run(
        lambda tx: operations.remove_approval_rule(tx, approval_rule_id),
        lambda _tx, _rule: Reply.nothing(),
    )
