"""What webhooks take and give over REST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment, Patch
from notifications.webhooks.domain import (
    MOST_TYPES,
    DeliveryState,
    DisabledReason,
    EndpointDetails,
    EndpointState,
)

Url = Annotated[str, Field(min_length=1, max_length=2048)]
Description = Annotated[str, Field(max_length=500)]
Types = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=200)], ...],
    Field(min_length=1, max_length=MOST_TYPES),
]


class WebhookIn(Body):
    """A new endpoint. A type with `*` at its end means all types that begin so."""

    url: Url
    description: Description = ""
    types: Types
    ordered: bool = False
    """Whether the facts of one record are to come in their order, each after the one before."""


class WebhookPatch(Patch):
    """What may change about an endpoint."""

    url: Url = ""
    description: Description = ""
    types: Types = ()
    ordered: bool = False


class SecretOut(BaseModel):
    """A secret that deliveries are signed with; itself it is shown when it is made, and never again."""

    created_at: datetime
    expires_at: datetime | None


class WebhookOut(BaseModel):
    """An endpoint of an external app."""

    id: UUID
    version: int
    url: str
    description: str
    types: list[str]
    ordered: bool
    state: EndpointState
    disabled_reason: DisabledReason | None
    disabled_at: datetime | None
    secrets: list[SecretOut]
    owner_user_id: UUID | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    failing_since: datetime | None = None
    """Since when no delivery has succeeded; absent right after a change."""
    paused_until: datetime | None = None
    """Until when it asked to be left in peace; absent right after a change."""


class WebhookWithSecretOut(WebhookOut):
    """An endpoint with a new secret, for this once."""

    secret: str


class RotationIn(Body):
    """For how long the old secret is used beside the new one; 0 ends it at once."""

    keep_old_hours: Annotated[int, Field(ge=0, le=168)] = 24


class DeliveryOut(BaseModel):
    """What was or will be sent to an endpoint; `id` is its `webhook-id`."""

    id: UUID
    position: int | None
    type: str
    state: DeliveryState
    reason: str | None
    attempts: int
    due_at: datetime | None
    last_status: int | None
    created_at: datetime
    finished_at: datetime | None


class AttemptOut(BaseModel):
    """One attempt; without a status there was no answer, and `error` says why."""

    number: int
    at: datetime
    duration_ms: int
    status: int | None
    headers: dict[str, str]
    body: str
    error: str | None


class DeliveryWithAttemptsOut(DeliveryOut):
    """The same with all attempts."""

    attempt_log: list[AttemptOut]


class ReplayIn(Body):
    """What to send again: all that has failed, or a part of the feed by time or by position."""

    failed: bool = False
    since: Annotated[Moment, Field(strict=False)] | None = None
    until: Annotated[Moment, Field(strict=False)] | None = None
    after_position: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    until_position: Annotated[int, Field(ge=0, lt=2**63)] | None = None


class ReplayOut(BaseModel):
    """How many deliveries wait to be sent because of this."""

    queued: int


def details_in(body: WebhookIn) -> EndpointDetails:
    """The details that a body gives."""
    return EndpointDetails(body.url, body.description, tuple(sorted(set(body.types))), body.ordered)


def change_in(body: WebhookPatch) -> Callable[[EndpointDetails], EndpointDetails]:
    """What a patch does to the details."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "types" in changes:
        changes["types"] = tuple(sorted(set(changes["types"])))
    return lambda details: replace(details, **changes)
