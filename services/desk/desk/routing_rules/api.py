"""Routing rules over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.routing_rules import operations, queries
from desk.routing_rules.domain import RoutingRule
from desk.routing_rules.models import (
    RoutingRuleIn,
    RoutingRuleOut,
    RoutingRulePatch,
    changed,
    definition_in,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.routing_rules.read"
WRITE = "desk.routing_rules.write"

routing_rules = Routes("/v1/desk/routing-rules", tag="routing")


@routing_rules.get("", permission=READ, listing=queries.ROUTING_RULES, returns=RoutingRuleOut)
def list_routing_rules(call: Call[DeskTx], listing: Listing) -> Reply:
    """List the rules by which tickets find a queue, in the order in which they are tried."""
    return Reply(call.read(queries.list_routing_rules, listing))


@routing_rules.post(
    "",
    permission=WRITE,
    body=RoutingRuleIn,
    returns=RoutingRuleOut,
    status=201,
    problems=(409,),
)
def define_routing_rule(call: Call[DeskTx], body: RoutingRuleIn) -> Response:
    """Define a rule: which tickets it is for, where they go, and what they need."""

    def reply(_tx: DeskTx, rule: RoutingRule) -> Reply:
        return Reply.created(f"{routing_rules.prefix}/{rule.id}", shown(rule), rule.version)

    return call.run(
        lambda tx: operations.define_routing_rule(tx, lambda last: definition_in(body, last)),
        reply,
    )


@routing_rules.get("/<uuid:routing_rule_id>", permission=READ, returns=RoutingRuleOut)
def get_routing_rule(call: Call[DeskTx], routing_rule_id: UUID) -> Reply:
    """Get a routing rule."""
    rule = call.read(queries.get_routing_rule, routing_rule_id)
    return Reply(rule, version=rule["version"])


@routing_rules.patch(
    "/<uuid:routing_rule_id>", permission=WRITE, body=RoutingRulePatch, returns=RoutingRuleOut
)
def redefine_routing_rule(
    call: Call[DeskTx], body: RoutingRulePatch, routing_rule_id: UUID
) -> Response:
    """Change a rule for tickets to come."""
    return call.run(
        lambda tx: operations.redefine_routing_rule(
            tx, routing_rule_id, lambda old: changed(old, body)
        ),
        _shown,
    )


@routing_rules.delete("/<uuid:routing_rule_id>", permission=WRITE)
def archive_routing_rule(call: Call[DeskTx], routing_rule_id: UUID) -> Response:
    """Archive a rule: it is tried no more."""
    return call.run(
        lambda tx: operations.archive_routing_rule(tx, routing_rule_id),
        lambda _tx, _rule: Reply.nothing(),
    )


@routing_rules.post("/<uuid:routing_rule_id>/restore", permission=WRITE, returns=RoutingRuleOut)
def restore_routing_rule(call: Call[DeskTx], routing_rule_id: UUID) -> Response:
    """Have an archived rule tried again."""
    return call.run(lambda tx: operations.restore_routing_rule(tx, routing_rule_id), _shown)


def _shown(_tx: DeskTx, rule: RoutingRule) -> Reply:
    return Reply(shown(rule), version=rule.version)
