"""Which provider sends a message: the first in the tenant's order that is free, else the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from notifications.messages.domain import Wait
from notifications.providers.domain import INBOX_PROVIDER, PLATFORM_PROVIDER, ProviderSettings
from notifications.providers.storage import providers, settings_of
from notifications.transaction import NotificationsTx

PLATFORM = "platform"
"""The kind of the platform's own mail server."""
INBOX = "inbox"
"""The channel, and the kind, of the platform's own inbox."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A provider to send with; the platform's own has no settings."""

    id: UUID
    settings: ProviderSettings | None

    @property
    def kind(self) -> str:
        """Its kind."""
        if self.settings is not None:
            return self.settings.kind
        return INBOX if self.id == INBOX_PROVIDER else PLATFORM


@dataclass(frozen=True, slots=True)
class Busy:
    """No provider can take it now."""

    until: datetime
    why: Wait


def providers_of(tx: NotificationsTx, channel: str, *, platform_mail: bool) -> list[Chosen]:
    """The tenant's providers of a channel in their order; without any, the platform's for mail."""
    columns = providers.c
    if channel == INBOX:
        return [Chosen(INBOX_PROVIDER, None)]
    rows = tx.connection.execute(
        sa.select(providers)
        .where(
            columns.tenant_id == tx.tenant_id,
            columns.channel == channel,
            columns.removed_at.is_(None),
            columns.enabled,
        )
        .order_by(columns.position, columns.id)
    ).mappings()
    chosen = [Chosen(row["id"], settings_of(row)) for row in rows]
    if not chosen and channel == "email" and platform_mail:
        return [Chosen(PLATFORM_PROVIDER, None)]
    return chosen


def choose(
    tx: NotificationsTx, candidates: list[Chosen], failures: int, bound: UUID | None
) -> Chosen | Busy | None:
    """The provider for the next attempt, whose turn is taken; None when there is none at all.

    After a failure the next one in order is asked first. A provider that may have the message
    already (`bound`) is the only one that may get it again.
    """
    if bound is not None:
        candidates = [one for one in candidates if one.id == bound]
    if not candidates:
        return None
    now = tx.clock.now()
    first = failures % len(candidates)
    waits = []
    for candidate in candidates[first:] + candidates[:first]:
        per_second = None if candidate.settings is None else candidate.settings.per_second
        pace = tx.providers.pace(candidate.id)
        free_at = pace.free_at(now, per_second)
        if free_at <= now:
            if per_second is not None:
                tx.providers.keep_pace(candidate.id, pace.taken(now, per_second))
            return candidate
        resting = pace.paused_until is not None and pace.paused_until > now
        waits.append((free_at, Wait.PROVIDER_UNAVAILABLE if resting else Wait.PROVIDER_BUSY))
    until, why = min(waits)
    return Busy(until, why)
