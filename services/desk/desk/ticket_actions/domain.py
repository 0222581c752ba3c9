"""What macros, triggers and time rules do to a ticket: actions as data (DE-6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from chassis.domain import Fact, Invalid
from desk.action_wording.domain import require_wording
from desk.ticket_facts.domain import Priority, Status, TicketHeader, TicketType
from desk.tickets.domain import Value

MOST_ACTIONS = 20
MOST_ALERTED = 50
"""How many colleagues one action alerts."""
FARTHEST_PROMISE = 365 * 24 * 60


@dataclass(frozen=True, slots=True)
class SetPriority:
    """Have somebody look at it sooner, or later."""

    kind: ClassVar[str] = "set_priority"
    priority: Priority


@dataclass(frozen=True, slots=True)
class SetType:
    """Take it for another kind of concern."""

    kind: ClassVar[str] = "set_type"
    type: TicketType


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Have it stand otherwise; `article_id` is what solved it, where it is resolved."""

    kind: ClassVar[str] = "set_status"
    status: Status
    article_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AddTags:
    """Mark it."""

    kind: ClassVar[str] = "add_tags"
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoveTags:
    """Take marks away."""

    kind: ClassVar[str] = "remove_tags"
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetField:
    """Fill in a custom field; None takes its value away."""

    kind: ClassVar[str] = "set_field"
    field: str
    value: Value


@dataclass(frozen=True, slots=True)
class MoveToQueue:
    """Put it into a queue; None takes it out of the one it is in."""

    kind: ClassVar[str] = "move_to_queue"
    queue_id: UUID | None


@dataclass(frozen=True, slots=True)
class Assign:
    """Put it into somebody's hands; `to_me` is whoever applies a macro. Neither takes it out of all."""

    kind: ClassVar[str] = "assign"
    assignee_id: UUID | None = None
    to_me: bool = False


@dataclass(frozen=True, slots=True)
class AddReply:
    """Answer the customer in their language."""

    kind: ClassVar[str] = "reply"
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AddNote:
    """Note something that the customer does not see."""

    kind: ClassVar[str] = "note"
    texts: Mapping[str, str]
    mentions: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class MakePromise:
    """Promise the customer to be in touch within so many minutes."""

    kind: ClassVar[str] = "promise"
    within_minutes: int


@dataclass(frozen=True, slots=True)
class Alert:
    """Have colleagues look at it: users, whoever looks after it, who serves its queue, a team.

    `lead` is who leads the team of its queue, or the nearest team above that somebody leads.
    """

    kind: ClassVar[str] = "alert"
    user_ids: tuple[UUID, ...] = ()
    assignee: bool = False
    queue: bool = False
    team_id: UUID | None = None
    lead: bool = False


Action = (
    SetPriority
    | SetType
    | SetStatus
    | AddTags
    | RemoveTags
    | SetField
    | MoveToQueue
    | Assign
    | AddReply
    | AddNote
    | MakePromise
    | Alert
)
KINDS: Mapping[str, type[Action]] = {
    one.kind: one
    for one in (
        SetPriority,
        SetType,
        SetStatus,
        AddTags,
        RemoveTags,
        SetField,
        MoveToQueue,
        Assign,
        AddReply,
        AddNote,
        MakePromise,
        Alert,
    )
}
_SEVERAL = (AddTags, RemoveTags, SetField, AddNote, Alert)


@dataclass(frozen=True, slots=True)
class Source:
    """What has actions done: `macro`, `trigger` or `time_rule`, and which one.

    Who leads a team is told by a `survey` or a `service_level` as well, of what nobody takes care of,
    and whoever a note mentions by the `mention`, which is the note.
    """

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class TicketAlertRaised(Fact):
    """A colleague is to look at a ticket."""

    alert_id: UUID
    ticket: TicketHeader
    user_id: UUID
    source: Source
    at: datetime


def require_sound(actions: Sequence[Action], *, by_itself: bool) -> None:
    """Raise `Invalid` for none or too many, for what contradicts itself, and for wording that is none.

    What happens `by_itself` has nobody who could be meant by "me".
    """
    if not 1 <= len(actions) <= MOST_ACTIONS:
        message = f"There are 1 to {MOST_ACTIONS} actions."
        raise Invalid.at("/actions", "actions_count", message)
    seen: set[str] = set()
    for place, one in enumerate(actions):
        at = f"/actions/{place}"
        if one.kind in seen and not isinstance(one, _SEVERAL):
            raise Invalid.at(at, "action_twice", f"There is one {one.kind} at most.")
        seen.add(one.kind)
        if isinstance(one, AddReply | AddNote):
            require_wording(one.texts, f"{at}/texts")
        elif isinstance(one, Alert):
            _require_somebody(one, at)
        elif isinstance(one, Assign):
            _require_known_to_it(one, at, by_itself=by_itself)
        elif isinstance(one, SetStatus) and one.status is Status.NEW:
            raise Invalid.at(f"{at}/status", "status_new", "Nothing becomes new again.")


def _require_somebody(alert: Alert, at: str) -> None:
    somebody = alert.user_ids or alert.assignee or alert.queue or alert.lead
    if not somebody and alert.team_id is None:
        raise Invalid.at(at, "alert_nobody", "An alert is for somebody.")


def _require_known_to_it(one: Assign, at: str, *, by_itself: bool) -> None:
    if one.to_me and one.assignee_id is not None:
        raise Invalid.at(at, "assign_twice", "It goes to one of both.")
    if one.to_me and by_itself:
        raise Invalid.at(f"{at}/to_me", "assign_nobody", "Nobody acts who could be meant.")
