"""Timelines over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.timeline import queries
from contacts.transaction import ContactsTx

READ = "contacts.timeline.read"

timeline = Routes("/v1/contacts/people/<uuid:person_id>/timeline", tag="timeline")


class ValueOut(BaseModel):
    """What something was worth."""

    amount: str
    currency: str


class TimelineEntryOut(BaseModel):
    """Something that happened with a person, in whichever service."""

    id: UUID
    person_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    kind: str
    """What it was, such as `message_sent`, `visit` or `consent_granted`."""
    channel: str
    service: str
    """The service that noted it."""
    fact_type: str
    record_id: UUID
    """The record it is about in that service: the interaction, the message, the consent."""
    actor: str
    """Who did it: `user:…`, `client:…` or `service:…`."""
    value: ValueOut | None
    details: dict[str, Any]
    """What else the fact says: ids and words, never names or addresses."""


@timeline.get("", permission=READ, listing=queries.TIMELINE, returns=TimelineEntryOut)
def list_timeline(call: Call[ContactsTx], listing: Listing, person_id: UUID) -> Reply:
    """List what happened with a person on every channel and in every service, newest first.

    Entries come with the facts of all services, a moment after they happened.
    """
    return Reply(call.read(queries.list_timeline, listing, person_id))
