"""Facts about routing to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none, moment
from desk.routing.domain import TicketRouted
from desk.tickets.facts import header
from rapport.desk.events.v1 import routing_events_pb2 as events


def _routed(fact: TicketRouted) -> events.TicketRouted:
    decision = fact.decision
    return events.TicketRouted(
        decision_id=str(decision.id),
        ticket=header(fact.ticket),
        purpose=decision.purpose,
        routing_rule_id=id_or_none(decision.routing_rule_id),
        previous_queue_id=id_or_none(decision.before.queue_id),
        previous_priority=decision.before.priority,
        reason=decision.reason or "",
        missing=decision.heard.missing,
        decided_at=moment(decision.decided_at),
    )


ROUTING_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {TicketRouted: _routed}
