"""Time rules over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.time_rules import operations, queries
from desk.time_rules.domain import TimeRule
from desk.time_rules.models import (
    TimeRuleIn,
    TimeRuleOut,
    TimeRulePatch,
    changed,
    definition_in,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.time_rules.read"
WRITE = "desk.time_rules.write"

time_rules = Routes("/v1/desk/time-rules", tag="time-rules")


@time_rules.get("", permission=READ, listing=queries.TIME_RULES, returns=TimeRuleOut)
def list_time_rules(call: Call[DeskTx], listing: Listing) -> Reply:
    """List time rules in the order in which they are looked at."""
    return Reply(call.read(queries.list_time_rules, listing))


@time_rules.post(
    "", permission=WRITE, body=TimeRuleIn, returns=TimeRuleOut, status=201, problems=(409,)
)
def define_time_rule(call: Call[DeskTx], body: TimeRuleIn) -> Response:
    """Define what happens to a ticket that has been as it is for so many hours."""

    def reply(_tx: DeskTx, rule: TimeRule) -> Reply:
        return Reply.created(f"{time_rules.prefix}/{rule.id}", shown(rule), rule.version)

    return call.run(
        lambda tx: operations.define_time_rule(
            tx, lambda last: definition_in(body, last), active=body.active
        ),
        reply,
    )


@time_rules.get("/<uuid:time_rule_id>", permission=READ, returns=TimeRuleOut)
def get_time_rule(call: Call[DeskTx], time_rule_id: UUID) -> Reply:
    """Get a time rule."""
    rule = call.read(queries.get_time_rule, time_rule_id)
    return Reply(rule, version=rule["version"])


@time_rules.patch("/<uuid:time_rule_id>", permission=WRITE, body=TimeRulePatch, returns=TimeRuleOut)
def redefine_time_rule(call: Call[DeskTx], body: TimeRulePatch, time_rule_id: UUID) -> Response:
    """Have a time rule go by something else from now on."""
    return call.run(
        lambda tx: operations.redefine_time_rule(tx, time_rule_id, lambda old: changed(old, body)),
        _shown,
    )


@time_rules.post("/<uuid:time_rule_id>/pause", permission=WRITE, returns=TimeRuleOut)
def pause_time_rule(call: Call[DeskTx], time_rule_id: UUID) -> Response:
    """Have a time rule fire no more until it is resumed."""
    return call.run(lambda tx: operations.pause_time_rule(tx, time_rule_id), _shown)


@time_rules.post(
    "/<uuid:time_rule_id>/resume", permission=WRITE, returns=TimeRuleOut, problems=(409,)
)
def resume_time_rule(call: Call[DeskTx], time_rule_id: UUID) -> Response:
    """Have a paused time rule fire again: at once, where its time has come."""
    return call.run(lambda tx: operations.resume_time_rule(tx, time_rule_id), _shown)


@time_rules.delete("/<uuid:time_rule_id>", permission=WRITE)
def archive_time_rule(call: Call[DeskTx], time_rule_id: UUID) -> Response:
    """Put a time rule away: it fires no more."""
    return call.run(
        lambda tx: operations.archive_time_rule(tx, time_rule_id),
        lambda _tx, _rule: Reply.nothing(),
    )


@time_rules.post("/<uuid:time_rule_id>/restore", permission=WRITE, returns=TimeRuleOut)
def restore_time_rule(call: Call[DeskTx], time_rule_id: UUID) -> Response:
    """Have an archived time rule back; it is paused until it is resumed."""
    return call.run(lambda tx: operations.restore_time_rule(tx, time_rule_id), _shown)


def _shown(_tx: DeskTx, rule: TimeRule) -> Reply:
    return Reply(shown(rule), version=rule.version)
