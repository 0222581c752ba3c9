"""Facts about macros to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none, moment
from desk.macros.domain import (
    MacroApplied,
    MacroArchived,
    MacroChanged,
    MacroCreated,
    MacroRestored,
)
from desk.tickets.facts import header
from rapport.desk.events.v1 import automation_events_pb2 as events


def _created(fact: MacroCreated) -> events.MacroCreated:
    return events.MacroCreated(**_about(fact))


def _changed(fact: MacroChanged) -> events.MacroChanged:
    return events.MacroChanged(**_about(fact))


def _archived(fact: MacroArchived) -> events.MacroArchived:
    return events.MacroArchived(macro_id=str(fact.macro_id), at=moment(fact.at))


def _restored(fact: MacroRestored) -> events.MacroRestored:
    return events.MacroRestored(macro_id=str(fact.macro_id), at=moment(fact.at))


def _applied(fact: MacroApplied) -> events.MacroApplied:
    return events.MacroApplied(
        use_id=str(fact.use_id),
        macro_id=str(fact.macro_id),
        ticket_id=str(fact.ticket.ticket_id),
        ticket=header(fact.ticket),
        applied_by_user_id=id_or_none(fact.applied_by),
        at=moment(fact.at),
    )


def _about(fact: MacroCreated | MacroChanged) -> dict[str, Any]:
    return {
        "macro_id": str(fact.macro_id),
        "sharing": fact.definition.sharing,
        "team_id": id_or_none(fact.definition.team_id),
        "owner_id": id_or_none(fact.owner_id),
        "actions": len(fact.definition.actions),
        "at": moment(fact.at),
    }


MACRO_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    MacroCreated: _created,
    MacroChanged: _changed,
    MacroArchived: _archived,
    MacroRestored: _restored,
    MacroApplied: _applied,
}
