"""What inboxes take and give over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment
from notifications.inbox.domain import EntryState


class SnoozeIn(Body):
    """Until when to put an entry off."""

    until: Annotated[Moment, Field(strict=False)]


class InboxEntryOut(BaseModel):
    """An entry of the caller's inbox."""

    id: UUID
    version: int
    state: EntryState
    title: str
    text: str
    link: str
    message_id: UUID | None
    created_at: datetime
    read_at: datetime | None
    snoozed_until: datetime | None


class UnreadOut(BaseModel):
    """How many entries wait to be read."""

    unread: int


class ReadOut(BaseModel):
    """How many entries were marked as read."""

    read: int
