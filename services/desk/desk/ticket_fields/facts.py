"""Facts about fields of tickets to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import moment
from desk.ticket_fields.domain import (
    TicketField,
    TicketFieldArchived,
    TicketFieldChanged,
    TicketFieldDefined,
    TicketFieldRestored,
)
from rapport.desk.events.v1 import definition_events_pb2 as events


def _defined(fact: TicketFieldDefined) -> events.TicketFieldDefined:
    return events.TicketFieldDefined(**_about(fact.field), defined_at=moment(fact.at))


def _changed(fact: TicketFieldChanged) -> events.TicketFieldChanged:
    return events.TicketFieldChanged(**_about(fact.field), changed_at=moment(fact.at))


def _archived(fact: TicketFieldArchived) -> events.TicketFieldArchived:
    return events.TicketFieldArchived(**_about(fact.field), archived_at=moment(fact.at))


def _restored(fact: TicketFieldRestored) -> events.TicketFieldRestored:
    return events.TicketFieldRestored(**_about(fact.field), restored_at=moment(fact.at))


def _about(field: TicketField) -> dict[str, Any]:
    return {
        "field_id": str(field.id),
        "key": field.key,
        "kind": field.kind,
        "required": field.definition.required,
    }


TICKET_FIELD_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    TicketFieldDefined: _defined,
    TicketFieldChanged: _changed,
    TicketFieldArchived: _archived,
    TicketFieldRestored: _restored,
}
