"""What would become of a ticket that there is not: by the same rules, with nothing changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.domain import Invalid
from chassis.storage.unit_of_work import Reading
from desk.entitlements.asked import entitled_if_asked
from desk.queues.domain import GENERAL, Queue
from desk.queues.storage import keys_of_queues, queue_or_none
from desk.routing.choosing import AgentChoice, choose_agent, choose_rule, obstacle
from desk.routing.domain import Heard, Need, NoAgent, Skipped
from desk.routing.models import RoutingPreviewIn
from desk.routing.storage import need_document
from desk.routing.values import customer_of
from desk.routing.workforce import candidates, serving
from desk.routing_rules.domain import RoutingDefinition
from desk.routing_rules.storage import rules_in_use
from desk.routing_settings.domain import highest
from desk.routing_settings.storage import routing_settings_of
from desk.ticket_facts.domain import Priority
from desk.ticket_vocabulary import values_of
from desk.tickets.domain import Ticket


def preview_routing(reading: Reading, body: RoutingPreviewIn, heard: Heard) -> dict[str, Any]:
    """Where such a ticket would go now. Nobody's turn is used up. Raises `Invalid`."""
    keys = keys_of_queues(reading)
    if body.queue_id is not None and body.queue_id not in keys:
        message = f"There is no queue {body.queue_id}."
        raise Invalid.at("/queue_id", "queue_unknown", message)
    ticket = _ticket(reading, body)
    key = "" if body.queue_id is None else keys[body.queue_id]
    rules = rules_in_use(reading)
    entitled = entitled_if_asked(reading, ticket, [rule.definition.condition for rule in rules])
    values = values_of(
        ticket, ticket.opened_at, queue=key, customer=customer_of(heard), entitled=entitled
    )
    rule, considered = choose_rule(rules, values)
    definition = None if rule is None else rule.definition
    queue = _queue(reading, body.queue_id, definition)
    need = _need(ticket, definition)
    choice = AgentChoice(None) if queue is None else _agent(reading, queue, need, definition, heard)
    return {
        "routing_rule_id": None if rule is None else rule.id,
        "queue_id": None if queue is None else queue.id,
        "assignee_id": choice.agent_id,
        "priority": _priority(reading, ticket.priority, queue, definition, heard),
        "reason": None if choice.agent_id is not None else _reason(queue),
        "need": need_document(need),
        "considered": [
            {"routing_rule_id": one.routing_rule_id, "taken": one.taken, "problem": one.problem}
            for one in considered
        ],
        "skipped": [{"agent_id": one.agent_id, "because": one.because} for one in choice.skipped],
    }


def _ticket(reading: Reading, body: RoutingPreviewIn) -> Ticket:
    now = reading.clock.now()
    return Ticket(
        id=UUID(int=0),
        number=0,
        prefix="",
        subject=body.subject,
        person_id=body.person_id,
        company_id=body.company_id,
        type=body.type,
        priority=body.priority,
        queue_id=body.queue_id,
        product_sku=body.product_sku,
        tags=tuple(sorted(set(body.tags))),
        custom_fields=body.custom_fields,
        language=body.language,
        channel=body.channel,
        opened_at=now,
        updated_at=now,
        waiting_since=now,
    )


def _queue(
    reading: Reading, opened_in: UUID | None, definition: RoutingDefinition | None
) -> Queue | None:
    """Where it would go; None in a tenant that has no general queue yet."""
    if opened_in is not None:
        return queue_or_none(reading, opened_in)
    if definition is not None and definition.queue_id is not None:
        queue = queue_or_none(reading, definition.queue_id)
        if queue is not None and queue.archived_at is None:
            return queue
    general = (one for one, key in keys_of_queues(reading).items() if key == GENERAL)
    queue_id = next(general, None)
    return None if queue_id is None else queue_or_none(reading, queue_id)


def _need(ticket: Ticket, definition: RoutingDefinition | None) -> Need:
    if definition is None:
        return Need()
    return Need(definition.skills, ticket.language if definition.same_language else "")


def _agent(
    reading: Reading,
    queue: Queue,
    need: Need,
    definition: RoutingDefinition | None,
    heard: Heard,
) -> AgentChoice:
    most_open, skipped = queue.definition.most_open, tuple[Skipped, ...]()
    if definition is not None and definition.owner_first and heard.owner_id is not None:
        for owner in candidates(reading, [heard.owner_id], queue.id):
            because = obstacle(owner, need, most_open)
            if not because:
                return AgentChoice(owner.agent_id)
            skipped = (Skipped(owner.agent_id, because),)
    if not queue.hands_out:
        return AgentChoice(None, skipped)
    people = serving(reading, queue.id)
    found = choose_agent(queue.definition.method, people, need, most_open=most_open)
    return AgentChoice(found.agent_id, tuple(dict.fromkeys((*skipped, *found.skipped))))


def _priority(
    reading: Reading,
    priority: Priority,
    queue: Queue | None,
    definition: RoutingDefinition | None,
    heard: Heard,
) -> Priority:
    if priority is Priority.NORMAL and queue is not None:
        priority = queue.definition.default_priority
    raised = None if definition is None else definition.raise_priority_to
    known = highest([priority] if raised is None else [priority, raised])
    return routing_settings_of(reading).preferences.raised(known, heard.tier, heard.value)


def _reason(queue: Queue | None) -> NoAgent:
    if queue is None:
        return NoAgent.NO_QUEUE
    return NoAgent.NOBODY_FREE if queue.hands_out else NoAgent.MANUAL_QUEUE
