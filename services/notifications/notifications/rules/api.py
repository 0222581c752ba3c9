"""Rules over REST."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import Response

from chassis.domain import Clock
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from notifications.rules import operations, queries
from notifications.rules.domain import Rule
from notifications.rules.models import (
    RuleFactsOut,
    RuleIn,
    RuleOut,
    RulePatch,
    RuleTestIn,
    RuleTestOut,
    SimulationIn,
    SimulationOut,
    changed,
    definition_in,
    shown,
)
from notifications.rules.trying import RuleTrials, SampleFact
from notifications.transaction import NotificationsTx

READ = "notifications.rules.read"
WRITE = "notifications.rules.write"
PREFIX = "/v1/notifications/rules"


def rule_routes(trials: RuleTrials, clock: Clock) -> Routes:
    """The routes of rules; `trials` shows what they would send."""
    rules = Routes(PREFIX, tag="rules")
    _add_rules(rules)
    _add_trials(rules, trials, clock)
    return rules


def _add_rules(rules: Routes) -> None:
    @rules.get("", permission=READ, listing=queries.RULES, returns=RuleOut)
    def list_rules(call: Call[NotificationsTx], listing: Listing) -> Reply:
        """List the rules, by name unless asked otherwise."""
        return Reply(call.read(queries.list_rules, listing))

    @rules.get("/fact-fields", permission=READ, returns=RuleFactsOut)
    def list_rule_facts(call: Call[NotificationsTx]) -> Reply:
        """List the facts that rules can wait for, with the fields that conditions can speak of.

        Those that the caller may read, over all records; facts about messages lead to no messages.
        """
        return Reply(queries.facts_for_rules(call.caller))

    @rules.post("", permission=WRITE, body=RuleIn, returns=RuleOut, status=201)
    def define_rule(call: Call[NotificationsTx], body: RuleIn) -> Response:
        """Define a rule: which fact, under which condition, sends what to whom.

        Needs the permission to read such facts over all records, since messages tell what is in
        them. The template has to be published.
        """
        definition = definition_in(body)

        def reply(_tx: NotificationsTx, rule: Rule) -> Reply:
            return Reply.created(f"{PREFIX}/{rule.id}", shown(rule), rule.version)

        return call.run(lambda tx: operations.define_rule(tx, definition), reply)

    @rules.get("/<uuid:rule_id>", permission=READ, returns=RuleOut)
    def get_rule(call: Call[NotificationsTx], rule_id: UUID) -> Reply:
        """Get a rule."""
        rule = call.read(queries.get_rule, rule_id)
        return Reply(rule, version=rule["version"])

    @rules.patch("/<uuid:rule_id>", permission=WRITE, body=RulePatch, returns=RuleOut)
    def redefine_rule(call: Call[NotificationsTx], body: RulePatch, rule_id: UUID) -> Response:
        """Change what is mentioned of a rule."""
        return call.run(
            lambda tx: operations.redefine_rule(tx, rule_id, lambda old: changed(old, body)),
            lambda _tx, rule: Reply(shown(rule), version=rule.version),
        )

    @rules.delete("/<uuid:rule_id>", permission=WRITE)
    def remove_rule(call: Call[NotificationsTx], rule_id: UUID) -> Response:
        """Remove a rule; what it has queued is sent still."""
        return call.run(
            lambda tx: operations.remove_rule(tx, rule_id), lambda _tx, _none: Reply.nothing()
        )


def _add_trials(rules: Routes, trials: RuleTrials, clock: Clock) -> None:
    @rules.post("/<uuid:rule_id>/test", permission=READ, body=RuleTestIn, returns=RuleTestOut)
    def test_rule(call: Call[NotificationsTx], body: RuleTestIn, rule_id: UUID) -> Reply:
        """Show what a rule would make of a fact, and the message for somebody made up.

        Nothing is sent, and the rule need not be enabled.
        """
        definition = call.read(queries.definition, rule_id)
        sample = SampleFact(
            uuid4(),
            body.aggregate_id or uuid4(),
            call.caller.actor,
            body.occurred_at or clock.now(),
            body.fact,
        )
        return Reply(trials.test(call.read, call.caller, definition, sample))

    @rules.post(
        "/<uuid:rule_id>/simulate", permission=READ, body=SimulationIn, returns=SimulationOut
    )
    def simulate_rule(call: Call[NotificationsTx], body: SimulationIn, rule_id: UUID) -> Reply:
        """Show what a rule would have sent for the facts that were stored last; nothing is sent."""
        return Reply(trials.simulate(call.read, call.caller, rule_id, body.facts))
