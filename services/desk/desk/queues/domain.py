"""Where tickets wait for somebody, and how those of a queue find an agent (DE-5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact
from desk.ticket_facts.domain import Priority

GENERAL = "general"
"""The key of the queue that every tenant starts with, for what no rule puts elsewhere."""
GENERAL_NAME: Mapping[str, str] = {"en": "General", "zh-Hant": "一般"}
MOST_QUEUES = 500


class Method(StrEnum):
    """How a queue's tickets find an agent.

    `manual`: somebody takes or gives them. `round_robin`: whose turn it is. `least_loaded`: who is
    the least busy for what they can carry. `skill`: who is best at what the ticket needs.
    """

    MANUAL = "manual"
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    SKILL = "skill"


@dataclass(frozen=True, slots=True)
class QueueDefinition:
    """What an administrator says of a queue.

    `team_id` is the team that serves it: reach over its tickets goes by that. A ticket that is
    routed here at the priority `normal`, which is what nobody has set, takes `default_priority`. An
    agent with `most_open` open tickets of this queue gets no more of it.
    """

    name: Mapping[str, str]
    team_id: UUID | None = None
    default_priority: Priority = Priority.NORMAL
    position: int = 0
    method: Method = Method.MANUAL
    most_open: int | None = None


@dataclass(frozen=True, slots=True)
class QueueCreated(Fact):
    """A queue is new."""

    queue: Queue


@dataclass(frozen=True, slots=True)
class QueueChanged(Fact):
    """Something about a queue is different."""

    queue: Queue


@dataclass(frozen=True, slots=True)
class QueueArchived(Fact):
    """No ticket is put into a queue any more."""

    queue_id: UUID


@dataclass(frozen=True, slots=True)
class QueueRestored(Fact):
    """Tickets are put into an archived queue again."""

    queue_id: UUID


@dataclass(kw_only=True)
class Queue(Aggregate):
    """Where tickets wait for somebody; its key is for good."""

    key: str
    definition: QueueDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @property
    def hands_out(self) -> bool:
        """Whether its tickets find an agent by themselves."""
        return self.archived_at is None and self.definition.method is not Method.MANUAL

    def create(self) -> None:
        """Say that it is there."""
        self.record(QueueCreated(self))

    def redefine(self, definition: QueueDefinition, now: datetime) -> bool:
        """Be something else from now on; tells whether anything differs."""
        if definition == self.definition:
            return False
        self.definition, self.updated_at = definition, now
        self.record(QueueChanged(self))
        return True

    def archive(self, now: datetime) -> None:
        """Take no more tickets; those in it stay. Raises `Conflict` for the general one."""
        if self.key == GENERAL:
            message = "Tickets that no rule takes go into the general queue: it has to stay."
            raise Conflict(message, code="queue_general")
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(QueueArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Take tickets again; nothing happens to one that does."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(QueueRestored(self.id))
