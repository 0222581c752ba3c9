"""A provider as a tenant has set it up: which kind, for which channel, in which order, how fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact

PLATFORM_PROVIDER = UUID("00000000-0000-7000-8000-000000000001")
"""The id by which attempts name the platform's own mail server, which every tenant may use."""
INBOX_PROVIDER = UUID("00000000-0000-7000-8000-000000000002")
"""The same for the platform's own inbox."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """How a provider is used. `secrets` are sealed; `position` orders those of a channel."""

    name: str
    kind: str
    channel: str
    position: int
    enabled: bool
    settings: Mapping[str, Any]
    secrets: bytes
    per_second: float | None = None

    def is_called_otherwise(self, other: ProviderSettings) -> bool:
        """Whether another address, account or secret is used than by the other settings."""
        return self.settings != other.settings or self.secrets != other.secrets


@dataclass(frozen=True, slots=True)
class ProviderDefined(Fact):
    """A provider was set up or changed."""

    provider_id: UUID
    settings: ProviderSettings


@dataclass(frozen=True, slots=True)
class ProviderRemoved(Fact):
    """A provider is not used any longer."""

    provider_id: UUID


@dataclass(kw_only=True)
class ConfiguredProvider(Aggregate):
    """A tenant's provider. Removed ones stay, since messages name them."""

    settings: ProviderSettings
    created_at: datetime
    updated_at: datetime
    removed_at: datetime | None = None

    @classmethod
    def define(
        cls, provider_id: UUID, settings: ProviderSettings, now: datetime
    ) -> ConfiguredProvider:
        """A new provider."""
        provider = cls(id=provider_id, settings=settings, created_at=now, updated_at=now)
        provider.record(ProviderDefined(provider_id, settings))
        return provider

    def redefine(self, settings: ProviderSettings, now: datetime) -> None:
        """Take over other settings; kind and channel stay. Raises `Conflict` once removed."""
        self.refuse_when_removed()
        kept = replace(settings, kind=self.settings.kind, channel=self.settings.channel)
        if kept == self.settings:
            return
        self.settings, self.updated_at = kept, now
        self.record(ProviderDefined(self.id, kept))

    def refuse_when_removed(self) -> None:
        """Raise `Conflict` once it is removed: its secrets are gone."""
        if self.removed_at is not None:
            raise Conflict("The provider was removed.", code="provider_removed")

    def remove(self, now: datetime) -> None:
        """Use it no longer, and forget its secrets."""
        if self.removed_at is None:
            self.settings = replace(self.settings, secrets=b"", enabled=False)
            self.removed_at = self.updated_at = now
            self.record(ProviderRemoved(self.id))


@dataclass(frozen=True, slots=True)
class Pace:
    """How a provider has been doing: when it takes the next message, and whether it rests."""

    next_turn_at: datetime | None = None
    paused_until: datetime | None = None
    failures: int = 0

    def free_at(self, now: datetime, per_second: float | None) -> datetime:
        """When it may be given a message; `now` or earlier is at once.

        Up to one second's worth of messages may go at once (GCRA, the leaky bucket as a meter).
        """
        if self.paused_until is not None and self.paused_until > now:
            return self.paused_until
        if per_second is None or self.next_turn_at is None:
            return now
        burst = timedelta(seconds=max(0.0, 1.0 - 1.0 / per_second))
        return self.next_turn_at - burst

    def taken(self, now: datetime, per_second: float | None) -> Pace:
        """After it was given one more message."""
        if per_second is None:
            return self
        begins = max(self.next_turn_at or now, now)
        return replace(self, next_turn_at=begins + timedelta(seconds=1.0 / per_second))

    def failed(self, now: datetime) -> Pace:
        """After it could not be reached: from the third time on it rests, ever longer."""
        failures = self.failures + 1
        if failures < FAILURES_TOLERATED:
            return replace(self, failures=failures)
        seconds = min(300.0, 5.0 * 2.0 ** min(failures - FAILURES_TOLERATED, 6))
        return replace(self, failures=failures, paused_until=now + timedelta(seconds=seconds))

    def asked_to_wait(self, now: datetime, seconds: float) -> Pace:
        """After it said itself that it takes nothing for so long."""
        return replace(self, paused_until=now + timedelta(seconds=min(seconds, 3600.0)))

    def succeeded(self) -> Pace:
        """After it took one: whatever was before is over."""
        return replace(self, failures=0, paused_until=None)


FAILURES_TOLERATED = 3
