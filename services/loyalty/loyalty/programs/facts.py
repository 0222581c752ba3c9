"""Facts about programs to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.programs.domain import (
    Program,
    ProgramChanged,
    ProgramClosed,
    ProgramCreated,
    ProgramOpened,
)
from rapport.loyalty.events.v1 import program_events_pb2 as events
from rapport.loyalty.v1 import program_pb2


def _created(fact: ProgramCreated) -> events.ProgramCreated:
    return events.ProgramCreated(**_about(fact.program))


def _changed(fact: ProgramChanged) -> events.ProgramChanged:
    return events.ProgramChanged(**_about(fact.program))


def _opened(fact: ProgramOpened) -> events.ProgramOpened:
    return events.ProgramOpened(**_about(fact.program))


def _closed(fact: ProgramClosed) -> events.ProgramClosed:
    return events.ProgramClosed(**_about(fact.program))


def _about(program: Program) -> dict[str, Any]:
    terms, until = program.terms, program.redeem_until
    told = program_pb2.Program(
        key=program.key,
        name=terms.name,
        status=program.status,
        currency=terms.currency,
        point_value=f"{terms.point_value:f}",
        time_zone=terms.time_zone,
        redeem_until="" if until is None else until.isoformat(),
    )
    return {"program_id": str(program.id), "program": told}


PROGRAM_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ProgramCreated: _created,
    ProgramChanged: _changed,
    ProgramOpened: _opened,
    ProgramClosed: _closed,
}
