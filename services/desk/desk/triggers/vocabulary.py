"""What conditions of triggers can ask: all about the ticket, and what has happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from chassis.conditions.condition import Condition, compile_condition
from chassis.conditions.evaluation import MAX_ITEMS, Value
from chassis.conditions.syntax import Kind
from desk.ticket_vocabulary import VARIABLES
from desk.triggers.domain import Event

CUSTOMER = "customer"
_AUTHORS: Mapping[str, str] = {"user": "agent", "client": "app", "service": "service"}

EVENT_VARIABLES: Mapping[str, Kind] = {
    "event": Kind.TEXT,
    "author": Kind.TEXT,
    "changed": Kind.TEXTS,
    "from_status": Kind.TEXT,
    "from_priority": Kind.TEXT,
    "cause": Kind.TEXT,
    "target": Kind.TEXT,
    "survey": Kind.TEXT,
    "score": Kind.INTEGER,
    "first": Kind.BOOLEAN,
}
EVENT_MEANINGS: Mapping[str, str] = {
    "event": "what has happened, such as `ticket_opened`",
    "author": "who did it: `customer`, `agent`, `app`, or `service` for what happens by itself",
    "changed": "the fields that differ, such as `priority` or `custom_fields.floor`",
    "from_status": "how it stood before; empty unless its status has changed",
    "from_priority": "its priority before; empty unless that has changed",
    "cause": "why its status or its place has changed, such as `manual`, `reply` or `routing`",
    "target": "which target was warned of or missed, such as `first_response`; empty for others",
    "survey": "what was asked: `csat` or `nps`; empty unless a survey was answered",
    "score": "the score that the customer gave; -1 unless a survey was answered",
    "first": "whether a message opened the ticket, or a reply is the first answer of a person",
}
TRIGGER_VARIABLES: Mapping[str, Kind] = {**VARIABLES, **EVENT_VARIABLES}


@dataclass(frozen=True, slots=True)
class Happened:
    """What has happened to a ticket, as conditions may ask for it."""

    event: Event
    ticket_id: UUID
    author: str = ""
    changed: tuple[str, ...] = ()
    from_status: str = ""
    from_priority: str = ""
    cause: str = ""
    target: str = ""
    survey: str = ""
    score: int = -1
    first: bool = False

    @property
    def values(self) -> Mapping[str, Value]:
        """The values of the variables about it."""
        own = {name: getattr(self, name) for name in EVENT_VARIABLES}
        return {**own, "event": self.event.value, "changed": list(self.changed)[:MAX_ITEMS]}


@lru_cache(maxsize=2_000)
def trigger_condition(source: str) -> Condition:
    """The condition over the variables above. Raises `Invalid` with the place."""
    return compile_condition(source, TRIGGER_VARIABLES)


def author_of(actor: str) -> str:
    """Who did it, by the actor of its fact."""
    return _AUTHORS.get(actor.partition(":")[0], "service")
