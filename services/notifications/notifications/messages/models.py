"""Messages as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.domain import Invalid
from chassis.http.batch import BatchIn, items_of
from chassis.http.body import Body, Moment
from notifications.message_links.domain import LONGEST_LINK
from notifications.messages.addresses import check_address
from notifications.messages.domain import Content, Digest, Order, Recipient, Schedule, State
from notifications.messages.operations import sealed_address
from notifications.transaction import NotificationsTx

Key = Annotated[str, Field(max_length=100, pattern=r"^([a-z][a-z0-9_.-]*)?$")]
Channel = Annotated[str, Field(min_length=1, max_length=30, pattern=r"^[a-z][a-z0-9_]*$")]


class ContentIn(Body):
    """What a message says, where no template does.

    `link` is for push and inbox: an address, or a path of the console that begins with a slash.
    """

    subject: Annotated[str, Field(max_length=400)] = ""
    text: Annotated[str, Field(min_length=1, max_length=100_000)]
    html: Annotated[str, Field(max_length=100_000)] = ""
    link: Annotated[str, Field(max_length=LONGEST_LINK, examples=["/leads/0196f0c2"])] = ""


class DigestIn(Body):
    """Messages of one key to one recipient go out as one, at this time of their day."""

    key: Annotated[str, Field(min_length=1, max_length=100)]
    at: time


class MessageIn(Body):
    """A message to a person, to a user, or (transactional only) to an address given by `to`.

    An empty `purpose` is a transactional message; any other needs the recipient's consent if it is
    promotional. The words come from `template` with `variables`, or are `content`.
    """

    person_id: UUID | None = None
    user_id: UUID | None = None
    to: Annotated[str, Field(max_length=1000)] | None = None
    contact_point_id: Annotated[str, Field(max_length=100)] = ""
    channel: Channel
    purpose: Key = ""
    template: Key = ""
    variables: dict[str, Any] = Field(default_factory=dict)
    content: ContentIn | None = None
    send_at: Moment | None = None
    local_time: time | None = None
    expires_at: Moment | None = None
    digest: DigestIn | None = None
    request_id: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    cause: Annotated[str, Field(max_length=255)] = ""


class MessagesBatchIn(BatchIn):
    """Up to 1,000 messages."""

    items: Annotated[tuple[Any, ...], items_of(MessageIn)]


class AttemptOut(BaseModel):
    """One attempt. After the phase `handing_over` only the provider knows what became of it."""

    number: int
    provider_id: UUID
    provider_kind: str
    phase: str
    outcome: str | None
    detail: str
    started_at: datetime
    finished_at: datetime | None


class MessageOut(BaseModel):
    """A message in the log. `reason` says why it waits, is held back or has failed."""

    id: UUID
    version: int
    person_id: UUID | None
    user_id: UUID | None
    to_address: bool
    contact_point_id: str
    channel: str
    purpose: str
    template: str
    state: State
    reason: str
    detail: str
    send_at: datetime | None
    local_time: str | None
    expires_at: datetime | None
    digest: DigestIn | None
    due_at: datetime | None
    cause: str
    request_id: str | None
    resend_of: UUID | None
    digested_into: UUID | None
    provider_id: UUID | None
    provider_reference: str | None
    language: str
    attempts: int
    failures: int
    created_by: str
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    opened_at: datetime | None
    blanked_at: datetime | None


class MessageDetailsOut(MessageOut):
    """A message with its attempts, and its words as long as they are kept."""

    content: ContentIn | None
    attempt_log: list[AttemptOut]


def order_of(tx: NotificationsTx, body: MessageIn) -> Order:
    """What a body asks for. Raises `Invalid`."""
    recipient = Recipient(body.person_id, body.user_id, body.contact_point_id)
    if body.to is not None:
        if body.person_id is not None or body.user_id is not None:
            message = "Exactly one of person_id, user_id and to says whom it is for."
            raise Invalid.at("/to", "recipient_unclear", message)
        check_address(body.channel, body.to, "/to")
        recipient = sealed_address(tx, body.to)
    content, digest = body.content, body.digest
    return Order(
        recipient=recipient,
        channel=body.channel,
        purpose=body.purpose,
        template=body.template,
        variables=body.variables,
        content=None if content is None else Content(**content.model_dump()),
        schedule=Schedule(
            body.send_at,
            _minutes(body.local_time),
            body.expires_at,
            None if digest is None else Digest(digest.key, _minutes(digest.at) or digest.at),
        ),
        request_id=body.request_id,
        cause=body.cause,
    )


def _minutes(given: time | None) -> time | None:
    """A time of day, to the minute and without a zone: it is the recipient's."""
    return None if given is None else time(given.hour, given.minute)
