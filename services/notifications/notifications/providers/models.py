"""Providers as the REST face takes and shows them; what a kind needs is checked by the kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import BaseModel, Field, ValidationError

from chassis.domain import Invalid, Violation
from chassis.http.body import Body, Patch, violations_of
from chassis.sealing import Sealer
from notifications.providers.domain import ProviderSettings
from notifications.providers.kinds import provider_kind
from notifications.providers.making import ProviderMaker, opened_secrets, sealed_secrets
from notifications.providers.port import ProviderKind

Name = Annotated[str, Field(min_length=1, max_length=100)]
Position = Annotated[int, Field(ge=0, le=1000)]
PerSecond = Annotated[float, Field(gt=0, le=10_000)]


class ProviderIn(Body):
    """A provider. `settings` and `secrets` are what its kind needs; see `provider-kinds`."""

    name: Name
    kind: Annotated[str, Field(max_length=50)]
    channel: Annotated[str, Field(max_length=30)]
    position: Position = 0
    enabled: bool = True
    settings: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, Any] = Field(default_factory=dict)
    per_second: PerSecond | None = None


class ProviderPatch(Patch):
    """What may change: settings and secrets as a whole, each only if it is given."""

    name: Name = ""
    position: Position = 0
    enabled: bool = True
    settings: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, Any] = Field(default_factory=dict)
    per_second: PerSecond | None = None


class ProviderOut(BaseModel):
    """A provider, without its secrets, and how it is doing."""

    id: UUID
    version: int
    name: str
    kind: str
    channel: str
    position: int
    enabled: bool
    settings: dict[str, Any]
    per_second: float | None
    failures: int
    """How many times on end it could not be reached; from the third time on it rests."""
    paused_until: datetime | None
    """Until when it is given no message; others of its channel are asked meanwhile."""
    created_at: datetime
    updated_at: datetime


class ProviderKindOut(BaseModel):
    """A kind of provider, with the JSON schemas of what it needs."""

    key: str
    channels: list[str]
    settings_schema: dict[str, Any]
    secrets_schema: dict[str, Any]
    example: dict[str, Any]
    deduplicates: bool
    tells_later: bool


class ProviderKindsOut(BaseModel):
    """All kinds of providers."""

    items: list[ProviderKindOut]


class TestIn(Body):
    """Where a test message goes."""

    to: Annotated[str, Field(min_length=1, max_length=1000)]


class TestOut(BaseModel):
    """What the provider said: accepted, refused, try_later or unknown."""

    outcome: str
    detail: str


def settings_in(
    body: ProviderIn, maker: ProviderMaker, sealer: Sealer, tenant_id: UUID
) -> ProviderSettings:
    """The settings that a body gives. Raises `Invalid` that points at everything wrong."""
    kind = provider_kind(body.kind)
    if body.channel not in kind.channels:
        known = ", ".join(kind.channels)
        raise Invalid.at("/channel", "channel_unfit", f"This kind serves {known}.")
    settings = _checked(kind.settings, body.settings, "/settings")
    secrets = _checked(kind.secrets, body.secrets, "/secrets")
    maker.make(kind, settings, secrets)
    return ProviderSettings(
        body.name,
        body.kind,
        body.channel,
        body.position,
        body.enabled,
        settings.model_dump(mode="json"),
        sealed_secrets(sealer, tenant_id, secrets),
        body.per_second,
    )


def changed(
    old: ProviderSettings,
    body: ProviderPatch,
    maker: ProviderMaker,
    sealer: Sealer,
    tenant_id: UUID,
) -> ProviderSettings:
    """The settings with what the body mentions."""
    kind, given = provider_kind(old.kind), body.model_fields_set
    changes: dict[str, Any] = {
        name: getattr(body, name) for name in given & {"name", "position", "enabled", "per_second"}
    }
    stored = dict(body.settings if "settings" in given else old.settings)
    settings = _checked(kind.settings, stored, "/settings")
    if "secrets" in given:
        secrets = _checked(kind.secrets, body.secrets, "/secrets")
        changes["secrets"] = sealed_secrets(sealer, tenant_id, secrets)
    else:
        secrets = opened_secrets(sealer, tenant_id, old)
    maker.make(kind, settings, secrets)
    return replace(old, settings=settings.model_dump(mode="json"), **changes)


def kind_shown(kind: ProviderKind) -> dict[str, Any]:
    """A kind as the API shows one."""
    return {
        "key": kind.key,
        "channels": list(kind.channels),
        "settings_schema": kind.settings.model_json_schema(),
        "secrets_schema": kind.secrets.model_json_schema(),
        "example": dict(kind.example),
        "deduplicates": kind.deduplicates,
        "tells_later": kind.read_callback is not None,
    }


def _checked(model: type[Body], given: dict[str, Any], pointer: str) -> Body:
    try:
        return model.model_validate_json(orjson.dumps(given))
    except ValidationError as error:
        found = tuple(
            Violation(pointer + one.pointer, one.code, one.message) for one in violations_of(error)
        )
        raise Invalid("The provider's kind needs something else.", violations=found) from None
