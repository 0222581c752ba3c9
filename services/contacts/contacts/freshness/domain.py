"""How fresh a contact point is: it decays with time, and rises with every sign of life (CO-10)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid
from contacts.contact_points.domain import ContactPointStatus

LONGEST = 3_650
_TRUST: Mapping[ContactPointStatus, float] = {
    ContactPointStatus.VERIFIED: 1.0,
    ContactPointStatus.UNVERIFIED: 0.75,
    ContactPointStatus.STALE: 0.75,
}
"""What the freshest point of a status is worth; one that bounces or is invalid is worth nothing."""
_ELSEWHERE = 0.5
"""What a sign of life on another channel counts: somebody is there, though perhaps not at this address."""


@dataclass(frozen=True, slots=True)
class FreshnessLimits:
    """In days: when half of the score is gone without a sign of life, and when a point is stale."""

    half_life_days: int = 180
    stale_after_days: int = 365

    @property
    def stale_after(self) -> timedelta:
        """How long a point, or a person, may be silent."""
        return timedelta(days=self.stale_after_days)

    def decay(self, since: datetime, now: datetime) -> float:
        """What is left of 1 after this time; never more than 1, whatever clocks say."""
        days = max(0.0, (now - since) / timedelta(days=1))
        return float(0.5 ** (days / self.half_life_days))


@dataclass(frozen=True, slots=True)
class FreshnessSettingsChanged(Fact):
    """Contact points age otherwise from now on."""

    settings_id: UUID
    limits: FreshnessLimits


@dataclass(kw_only=True)
class FreshnessSettings(Aggregate):
    """How the contact points of a tenant's customers age."""

    limits: FreshnessLimits = FreshnessLimits()

    def change(self, limits: FreshnessLimits) -> None:
        """Have others hold; nothing happens when nothing differs. Raises `Invalid`."""
        for name in ("half_life_days", "stale_after_days"):
            if not 1 <= getattr(limits, name) <= LONGEST:
                message = f"It has to be 1 to {LONGEST} days."
                raise Invalid.at(f"/{name}", "out_of_bounds", message)
        if limits != self.limits:
            self.limits = limits
            self.record(FreshnessSettingsChanged(self.id, limits))


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh a point is: 0 to 100, its status by now, and what that comes from."""

    status: ContactPointStatus
    score: int
    proven_at: datetime
    seen_at: datetime | None
    stale_at: datetime | None


def freshness_of(
    status: ContactPointStatus,
    proven_at: datetime,
    seen: Mapping[str, datetime],
    channels: Collection[str],
    limits: FreshnessLimits,
    now: datetime,
) -> Freshness:
    """How fresh a point is that was entered or proven at `proven_at`.

    `seen` is when the person was last seen, by channel; `channels` are those that the point serves. A
    sign of life on one of them proves the point as entering it does; one elsewhere counts half.
    """
    here = max((at for channel, at in seen.items() if channel in channels), default=None)
    if status not in _TRUST:
        return Freshness(status, 0, proven_at, here, None)
    evidence = max(filter(None, (proven_at, here)))
    anywhere = max(seen.values(), default=evidence)
    factor = max(limits.decay(evidence, now), _ELSEWHERE * limits.decay(anywhere, now))
    stale_at = evidence + limits.stale_after
    known = ContactPointStatus.STALE if now >= stale_at else status
    return Freshness(known, round(100 * _TRUST[status] * factor), proven_at, here, stale_at)
