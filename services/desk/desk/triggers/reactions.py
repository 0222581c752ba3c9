"""What triggers hear: desk's own facts, each of them once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from chassis.events.reactions import Envelope, Reactions
from desk.transaction import DeskTx
from desk.triggers.domain import Event
from desk.triggers.firing import fire_triggers
from desk.triggers.vocabulary import CUSTOMER, Happened, author_of
from rapport.desk.events.v1.clock_events_pb2 import ServiceLevelBreached, ServiceLevelWarned
from rapport.desk.events.v1.message_events_pb2 import (
    CustomerMessageReceived,
    InternalNoteAdded,
    PublicReplySent,
)
from rapport.desk.events.v1.promise_events_pb2 import PromiseBroken
from rapport.desk.events.v1.survey_events_pb2 import SurveyAnswered
from rapport.desk.events.v1.ticket_events_pb2 import (
    TicketAssigned,
    TicketChanged,
    TicketOpened,
    TicketStatusChanged,
)

_EVENTS: dict[type[Message], Event] = {
    TicketOpened: Event.TICKET_OPENED,
    TicketChanged: Event.TICKET_CHANGED,
    TicketAssigned: Event.TICKET_ASSIGNED,
    TicketStatusChanged: Event.STATUS_CHANGED,
    CustomerMessageReceived: Event.CUSTOMER_MESSAGE,
    PublicReplySent: Event.PUBLIC_REPLY,
    InternalNoteAdded: Event.INTERNAL_NOTE,
    ServiceLevelWarned: Event.SERVICE_LEVEL_WARNED,
    ServiceLevelBreached: Event.SERVICE_LEVEL_BREACHED,
    PromiseBroken: Event.PROMISE_BROKEN,
}


def on_survey_answered(tx: DeskTx, fact: SurveyAnswered, envelope: Envelope) -> None:
    """Have triggers fire on an answer about a ticket."""
    asked = fact.request
    if asked.HasField("ticket_id"):
        happened = Happened(
            Event.SURVEY_ANSWERED,
            UUID(asked.ticket_id),
            author=CUSTOMER,
            survey=asked.kind,
            score=fact.score,
        )
        fire_triggers(tx, happened, envelope)


def call_triggers(reactions: Reactions) -> Reactions:
    """Have triggers hear desk's own facts about tickets; gives the same."""
    for kind, event in _EVENTS.items():
        reactions.on(kind, _calling(event))
    reactions.on(SurveyAnswered, on_survey_answered)
    return reactions


def _calling(event: Event) -> Callable[[DeskTx, Any, Envelope], None]:
    def on_fact(tx: DeskTx, fact: Any, envelope: Envelope) -> None:
        """Have triggers fire on what has happened to a ticket."""
        fire_triggers(tx, _happened(event, fact, envelope), envelope)

    return on_fact


def _happened(event: Event, fact: Any, envelope: Envelope) -> Happened:
    is_customers = event is Event.CUSTOMER_MESSAGE
    return Happened(
        event,
        UUID(fact.ticket_id),
        author=CUSTOMER if is_customers else author_of(envelope.actor),
        changed=tuple(getattr(fact, "changed_fields", ())),
        from_status=getattr(fact, "from_status", ""),
        from_priority=getattr(fact, "previous_priority", ""),
        cause=getattr(fact, "cause", ""),
        target=getattr(fact, "target", ""),
        first=getattr(fact, "first", False),
    )
