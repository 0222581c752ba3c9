"""The fact that actions tell by themselves, to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import moment
from desk.ticket_actions.domain import TicketAlertRaised
from desk.tickets.facts import header
from rapport.desk.events.v1 import automation_events_pb2 as events


def _alerted(fact: TicketAlertRaised) -> events.TicketAlertRaised:
    return events.TicketAlertRaised(
        alert_id=str(fact.alert_id),
        ticket_id=str(fact.ticket.ticket_id),
        ticket=header(fact.ticket),
        user_id=str(fact.user_id),
        source=fact.source.kind,
        source_id=str(fact.source.id),
        at=moment(fact.at),
    )


TICKET_ACTION_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {TicketAlertRaised: _alerted}
