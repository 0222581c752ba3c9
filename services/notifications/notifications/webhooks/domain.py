"""What a webhook endpoint is, whom it belongs to, and how its secrets follow each other (NO-8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact

MOST_ENDPOINTS = 50
MOST_TYPES = 100
KEPT = timedelta(days=30)
"""How long the log of deliveries goes back."""
FAILING_FOR = timedelta(days=5)
"""An endpoint for which nothing has succeeded for so long is disabled."""


class EndpointState(StrEnum):
    """Whether facts are delivered to an endpoint."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """Why an endpoint gets nothing any more."""

    BY_REQUEST = "by_request"
    FAILING = "failing"
    GONE = "gone"
    OWNER_DEACTIVATED = "owner_deactivated"


class DeliveryState(StrEnum):
    """What has become of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EndpointDetails:
    """What somebody says of an endpoint. `types` are patterns, as `feed.domain` has them."""

    url: str
    description: str
    types: tuple[str, ...]
    ordered: bool = False

    def differences(self, other: EndpointDetails) -> tuple[str, ...]:
        """The names of the fields in which the other differs; sorted."""
        names = ("description", "ordered", "types", "url")
        return tuple(name for name in names if getattr(self, name) != getattr(other, name))


@dataclass(frozen=True, slots=True)
class Authority:
    """In whose name an endpoint gets facts: a user, or an app that acts for itself.

    `scopes` bound what the roles give; without roles (None) they count by themselves.
    """

    user_id: UUID | None
    client_id: str | None
    scopes: frozenset[str]
    role_ids: tuple[UUID, ...] | None


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A secret that deliveries are signed with, sealed; `expires_at` once another has followed."""

    sealed: str
    created_at: datetime
    expires_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether deliveries are still signed with it."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class WebhookEndpointRegistered(Fact):
    """An endpoint was registered."""

    endpoint_id: UUID
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookEndpointChanged(Fact):
    """Something about an endpoint has changed."""

    endpoint_id: UUID
    changed_fields: tuple[str, ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookEndpointDisabled(Fact):
    """An endpoint gets nothing any more."""

    endpoint_id: UUID
    reason: DisabledReason
    owner_user_id: UUID | None


@dataclass(frozen=True, slots=True)
class WebhookEndpointEnabled(Fact):
    """An endpoint is in use again."""

    endpoint_id: UUID


@dataclass(frozen=True, slots=True)
class WebhookEndpointRemoved(Fact):
    """An endpoint is gone."""

    endpoint_id: UUID


@dataclass(kw_only=True)
class WebhookEndpoint(Aggregate):
    """An address of an external app that facts are delivered to."""

    details: EndpointDetails
    state: EndpointState
    secrets: tuple[WebhookSecret, ...]
    owner_user_id: UUID | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    disabled_reason: DisabledReason | None = None
    disabled_at: datetime | None = None

    @property
    def is_enabled(self) -> bool:
        """Whether facts are delivered to it."""
        return self.state is EndpointState.ENABLED

    def change(self, details: EndpointDetails, owner_user_id: UUID | None, now: datetime) -> None:
        """Take over other details; from now on it belongs to whoever changed it."""
        changed = list(self.details.differences(details))
        if owner_user_id != self.owner_user_id:
            changed.append("owner_user_id")
        if changed:
            self.details, self.owner_user_id, self.updated_at = details, owner_user_id, now
            self._changed(*changed)

    def rotate(self, sealed: str, keep_old: timedelta, now: datetime) -> None:
        """Sign with a new secret, and for some time with the one before, too.

        Raises `Conflict` while two are valid already, unless the old ones are to end at once.
        """
        valid = [secret for secret in self.secrets if secret.is_valid(now)]
        if keep_old and len(valid) > 1:
            raise Conflict(
                "Two secrets are valid already; wait, or end the old ones at once.",
                code="secret_rotation_under_way",
            )
        kept = [WebhookSecret(one.sealed, one.created_at, now + keep_old) for one in valid]
        self.secrets = (WebhookSecret(sealed, now), *(kept if keep_old else ()))
        self.updated_at = now
        self._changed("secrets")

    def disable(self, reason: DisabledReason, now: datetime) -> None:
        """Deliver nothing any more. A second time is no error, and the first reason stays."""
        if self.is_enabled:
            self.state, self.disabled_reason = EndpointState.DISABLED, reason
            self.disabled_at = self.updated_at = now
            self.record(WebhookEndpointDisabled(self.id, reason, self.owner_user_id))

    def enable(self, owner_user_id: UUID | None, now: datetime) -> None:
        """Deliver again, in the name of whoever enables it. A second time is no error."""
        if not self.is_enabled:
            self.state, self.disabled_reason, self.disabled_at = EndpointState.ENABLED, None, None
            self.owner_user_id, self.updated_at = owner_user_id, now
            self.record(WebhookEndpointEnabled(self.id))

    def require_enabled(self) -> None:
        """Raise `Conflict` when nothing is delivered to it."""
        if not self.is_enabled:
            raise Conflict("The endpoint is disabled; enable it first.", code="webhook_disabled")

    def remove(self) -> None:
        """Say that it is gone."""
        self.record(WebhookEndpointRemoved(self.id))

    def _changed(self, *names: str) -> None:
        fact = WebhookEndpointChanged(self.id, tuple(sorted(names)), self.details.types)
        self.record(fact)


def registered(
    endpoint_id: UUID,
    details: EndpointDetails,
    secret: WebhookSecret,
    owner_user_id: UUID | None,
    created_by: str,
) -> WebhookEndpoint:
    """A new endpoint, enabled, as of the time its secret was made."""
    endpoint = WebhookEndpoint(
        id=endpoint_id,
        details=details,
        state=EndpointState.ENABLED,
        secrets=(secret,),
        owner_user_id=owner_user_id,
        created_by=created_by,
        created_at=secret.created_at,
        updated_at=secret.created_at,
    )
    endpoint.record(WebhookEndpointRegistered(endpoint_id, details.types))
    return endpoint
