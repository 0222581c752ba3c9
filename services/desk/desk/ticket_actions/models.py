"""Actions as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from desk.action_wording.domain import LONGEST_TEXT
from desk.names import Key, Language, Tag
from desk.ticket_actions.domain import (
    FARTHEST_PROMISE,
    KINDS,
    MOST_ACTIONS,
    MOST_ALERTED,
    Action,
)
from desk.ticket_facts.domain import Priority, Status, TicketType
from desk.tickets.domain import MOST_TAGS
from desk.tickets.models import ValueIn

Texts = Annotated[
    dict[Language, Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]],
    Field(min_length=1, max_length=20),
]
"""By language, with places to fill in: `{"en": "Your ticket {{number}} is with us."}`."""
Tags = Annotated[tuple[Tag, ...], Field(min_length=1, max_length=MOST_TAGS)]
Users = Annotated[tuple[UUID, ...], Field(max_length=MOST_ALERTED)]


class SetPriorityIn(Body):
    """Have somebody look at it sooner, or later."""

    kind: Literal["set_priority"]
    priority: Priority


class SetTypeIn(Body):
    """Take it for another kind of concern."""

    kind: Literal["set_type"]
    type: TicketType


class SetStatusIn(Body):
    """Have it stand otherwise; `article_id` is what solved it, where it is resolved."""

    kind: Literal["set_status"]
    status: Status
    article_id: UUID | None = None


class AddTagsIn(Body):
    """Mark it."""

    kind: Literal["add_tags"]
    tags: Tags


class RemoveTagsIn(Body):
    """Take marks away."""

    kind: Literal["remove_tags"]
    tags: Tags


class SetFieldIn(Body):
    """Fill in a custom field; null takes its value away."""

    kind: Literal["set_field"]
    field: Key
    value: ValueIn


class MoveToQueueIn(Body):
    """Put it into a queue; null takes it out of the one it is in."""

    kind: Literal["move_to_queue"]
    queue_id: UUID | None


class AssignIn(Body):
    """Put it into somebody's hands; `to_me` is whoever applies a macro. Neither takes it out of all."""

    kind: Literal["assign"]
    assignee_id: UUID | None = None
    to_me: bool = False


class ReplyActionIn(Body):
    """Answer the customer in their language."""

    kind: Literal["reply"]
    texts: Texts


class NoteActionIn(Body):
    """Note something that the customer does not see."""

    kind: Literal["note"]
    texts: Texts
    mentions: Annotated[tuple[UUID, ...], Field(max_length=20)] = ()


class MakePromiseIn(Body):
    """Promise the customer to be in touch within so many minutes."""

    kind: Literal["promise"]
    within_minutes: Annotated[int, Field(ge=1, le=FARTHEST_PROMISE)]


class AlertIn(Body):
    """Have colleagues look at it: users, who looks after it, who serves its queue, a team.

    `lead` is who leads the team of its queue, or the nearest team above that somebody leads.
    """

    kind: Literal["alert"]
    user_ids: Users = ()
    assignee: bool = False
    queue: bool = False
    team_id: UUID | None = None
    lead: bool = False


ActionIn = Annotated[
    SetPriorityIn
    | SetTypeIn
    | SetStatusIn
    | AddTagsIn
    | RemoveTagsIn
    | SetFieldIn
    | MoveToQueueIn
    | AssignIn
    | ReplyActionIn
    | NoteActionIn
    | MakePromiseIn
    | AlertIn,
    Field(discriminator="kind"),
]
Actions = Annotated[tuple[ActionIn, ...], Field(min_length=1, max_length=MOST_ACTIONS)]


class EffectOut(BaseModel):
    """What an action would do to a ticket: to which field, or by which text.

    `changes` is whether anything would be different.
    """

    kind: str
    field: str | None
    before: str | list[str] | bool | None
    after: str | list[str] | bool | None
    text: str | None
    changes: bool


def actions_in(given: Sequence[Body]) -> tuple[Action, ...]:
    """The actions that a body gives."""
    return tuple(_action_in(one) for one in given)


def _action_in(given: Body) -> Action:
    values: dict[str, Any] = {name: getattr(given, name) for name in type(given).model_fields}
    return KINDS[values.pop("kind")](**values)
