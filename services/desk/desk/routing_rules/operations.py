"""What administrators do to routing rules."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict
from desk.queues.operations import require_queue
from desk.routing_rules.domain import MOST_RULES, RoutingDefinition, RoutingRule
from desk.ticket_vocabulary import condition_of
from desk.transaction import DeskTx

_FARTHEST = 1_000_000


def define_routing_rule(tx: DeskTx, define: Callable[[int], RoutingDefinition]) -> RoutingRule:
    """Define a rule; `define` is told the position after the last rule.

    Tickets that are there stay where they are. Raises `Invalid`, `Conflict` when there are too many.
    """
    if tx.routing_rules.count() >= MOST_RULES:
        message = f"There are {MOST_RULES} routing rules already."
        raise Conflict(message, code="too_many_routing_rules")
    definition = define(min(tx.routing_rules.last_position() + 1, _FARTHEST))
    _require_known(tx, definition)
    now = tx.clock.now()
    rule = RoutingRule(id=tx.ids.new(), definition=definition, created_at=now, updated_at=now)
    rule.define()
    tx.routing_rules.add(rule)
    return rule


def redefine_routing_rule(
    tx: DeskTx, routing_rule_id: UUID, change: Callable[[RoutingDefinition], RoutingDefinition]
) -> RoutingRule:
    """Have a rule go by something else from now on. Raises `NotFound`, `Invalid`."""
    rule = tx.routing_rules.get(routing_rule_id)
    definition = change(rule.definition)
    if (definition.condition, definition.queue_id) != (
        rule.definition.condition,
        rule.definition.queue_id,
    ):
        _require_known(tx, definition)
    rule.redefine(definition, tx.clock.now())
    return rule


def archive_routing_rule(tx: DeskTx, routing_rule_id: UUID) -> RoutingRule:
    """Have a rule tried no more. Raises `NotFound`."""
    rule = tx.routing_rules.get(routing_rule_id)
    rule.archive(tx.clock.now())
    return rule


def restore_routing_rule(tx: DeskTx, routing_rule_id: UUID) -> RoutingRule:
    """Have an archived rule tried again. Raises `NotFound`."""
    rule = tx.routing_rules.get(routing_rule_id)
    rule.restore(tx.clock.now())
    return rule


def _require_known(tx: DeskTx, definition: RoutingDefinition) -> None:
    """Raises `Invalid` for a condition that is none, and for a queue that takes no tickets."""
    if definition.condition:
        condition_of(definition.condition)
    if definition.queue_id is not None:
        require_queue(tx, definition.queue_id)
