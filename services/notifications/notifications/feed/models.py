"""What the feed takes and gives over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Moment
from chassis.http.query_string import DEFAULT_PAGE, MAX_PAGE, Query


class FeedQuery(Query):
    """Where to go on reading, and what for."""

    page_token: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    types: Annotated[str, Field(min_length=1, max_length=6_000)] | None = None
    """Types, comma-separated; with `*` at its end one means all that begin so."""
    since: Moment | None = None
    """Where to begin without a token: at the first fact that was stored at this time or later."""


class CloudEventOut(BaseModel):
    """A fact as a CloudEvent; `data` is the protobuf message of that type in its JSON form."""

    specversion: str
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str
    aggregateversion: int
    actor: str
    position: str | None = None
    traceparent: str | None = None
    data: dict[str, Any]


class FeedOut(BaseModel):
    """Facts, oldest first, and the token to go on with: there always is one, also at the end."""

    items: list[CloudEventOut]
    next_page_token: str
    has_more: bool
    """Whether there is more already; otherwise ask again later with the same token."""


class FactTypeOut(BaseModel):
    """A type of fact that the caller may be told of."""

    type: str
    producer: str
    read_permission: str


class FactTypesOut(BaseModel):
    """All of them."""

    items: list[FactTypeOut]
    next_page_token: str | None
