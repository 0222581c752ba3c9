"""Comments as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from sales.comments.domain import MOST_MENTIONS, Comment

Words = Annotated[str, Field(min_length=1, max_length=10_000)]
Mentions = Annotated[tuple[UUID, ...], Field(max_length=MOST_MENTIONS)]


class WordsIn(Body):
    """What is said, and which users it mentions: the owner, or members of the opportunity's team."""

    text: Words
    mentions: Mentions = ()


class CommentIn(WordsIn):
    """A comment, in the thread of the one that it replies to."""

    reply_to: UUID | None = None


class CommentOut(BaseModel):
    """A comment. `thread_id` is the one that began the thread; a deleted one keeps its place.

    `author_id` is null for what an app has written. `edits` counts how often it was edited.
    """

    id: UUID
    version: int
    opportunity_id: UUID
    thread_id: UUID
    author_id: UUID | None
    text: str
    mentions: list[UUID]
    edits: int
    written_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None


class WordingOut(BaseModel):
    """What a comment said, and since when."""

    text: str
    said_at: datetime


class WordingsOut(BaseModel):
    """All that a comment has said, what holds now last; empty texts once it was deleted."""

    items: list[WordingOut]


def mentions_in(body: WordsIn) -> tuple[UUID, ...]:
    """Whom a body mentions, each once, in its order."""
    return tuple(dict.fromkeys(body.mentions))


def shown(one: Comment) -> dict[str, Any]:
    """A comment as the API shows one, without reading it back."""
    return {name: getattr(one, name) for name in CommentOut.model_fields}
