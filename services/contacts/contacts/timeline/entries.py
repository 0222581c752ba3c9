"""What of a fact appears on a person's timeline: as its contract says, in the option `timeline`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

import rapport
from chassis.events.contracts import facts_of
from chassis.events.reactions import Envelope, Undecodable
from rapport.common.v1.fact_pb2 import TimelineOptions
from rapport.common.v1.fact_pb2 import fact as fact_option

_PERSON = "person_id"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened with a person, wherever it was noted."""

    id: UUID
    """The fact's own: a fact makes one entry, however often it arrives."""
    person_id: UUID
    occurred_at: datetime
    kind: str
    channel: str
    fact_type: str
    record_id: UUID
    actor: str
    value: tuple[Decimal, str] | None
    details: dict[str, Any]

    @property
    def service(self) -> str:
        """Who noted it."""
        return self.fact_type.split(".")[1]


def timeline_facts(producer: str) -> Sequence[type[Message]]:
    """The facts of a service that appear on timelines."""
    return [
        kind for kind in _with_timeline() if kind.DESCRIPTOR.full_name.split(".")[1] == producer
    ]


def timeline_producers() -> Sequence[str]:
    """The services with such facts, sorted."""
    return sorted({kind.DESCRIPTOR.full_name.split(".")[1] for kind in _with_timeline()})


def entry_of(fact: Message, envelope: Envelope) -> Entry | None:
    """What the fact adds to a timeline; None when there is no person in it.

    Raises `Undecodable` when what it holds is not what its contract says.
    """
    options = _options(envelope.type)
    person = str(_value(fact, options.person_field or _PERSON) or "")
    if not person:
        return None
    try:
        return Entry(
            id=envelope.id,
            person_id=UUID(person),
            occurred_at=_time(fact, options) or envelope.occurred_at,
            kind=str(_value(fact, options.kind_field) or options.kind),
            channel=str(_value(fact, options.channel_field) or ""),
            fact_type=envelope.type,
            record_id=envelope.aggregate_id,
            actor=envelope.actor,
            value=_money(fact, options),
            details=_details(fact, options),
        )
    except (ValueError, ArithmeticError) as error:
        raise Undecodable(f"{envelope.type} does not fit its contract: {error}") from error


@cache
def _with_timeline() -> Sequence[type[Message]]:
    return [
        kind
        for kind in facts_of(rapport).values()
        if kind.DESCRIPTOR.GetOptions().Extensions[fact_option].HasField("timeline")
    ]


@cache
def _options(fact_type: str) -> TimelineOptions:
    options = facts_of(rapport)[fact_type].DESCRIPTOR.GetOptions()
    timeline: TimelineOptions = options.Extensions[fact_option].timeline
    return timeline


def _value(fact: Message, field: str) -> Any:
    return getattr(fact, field) if field else None


def _time(fact: Message, options: TimelineOptions) -> datetime | None:
    if not options.time_field or not fact.HasField(options.time_field):
        return None
    moment: datetime = getattr(fact, options.time_field).ToDatetime(UTC)
    return moment


def _money(fact: Message, options: TimelineOptions) -> tuple[Decimal, str] | None:
    if not options.value_field or not fact.HasField(options.value_field):
        return None
    money = getattr(fact, options.value_field)
    return Decimal(money.amount), money.currency


def _details(fact: Message, options: TimelineOptions) -> dict[str, Any]:
    """All that the entry does not hold anyway; facts carry no names and no addresses.

    A score of 0, a no and an empty word are said as well: else nobody could tell them from what was
    never asked.
    """
    shown = {
        options.person_field or _PERSON,
        options.kind_field,
        options.channel_field,
        options.time_field,
        options.value_field,
    }
    fields = MessageToDict(
        fact, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return {name: value for name, value in fields.items() if name not in shown}
