"""How a tenant looks after its subscriptions: when it is reminded, where it renews, whose days count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from chassis.domain import Aggregate, Fact, Unpublished

REMINDER_DAYS = (90, 60, 30)
"""How many days before the end of a term tenants are reminded that have not said otherwise."""
MOST_REMINDERS = 10
EARLIEST_REMINDER = 366


@lru_cache(maxsize=1)
def known_time_zones() -> frozenset[str]:
    """The zones of the IANA database, looked for once: to find them reads hundreds of files."""
    return frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class SubscriptionSettingsChanged(Fact):
    """Reminders come on other days, or renewals go elsewhere."""

    reminder_days: tuple[int, ...]
    pipeline_id: UUID | None


@dataclass(frozen=True, slots=True)
class TimeZoneFollowed(Unpublished):
    """Identity has told by which time zone the tenant reckons its days."""


@dataclass(kw_only=True)
class SubscriptionSettings(Aggregate):
    """The one settings of a tenant; `zone_version` is that of the tenant that told the time zone."""

    reminder_days: tuple[int, ...] = REMINDER_DAYS
    pipeline_id: UUID | None = None
    time_zone: str = "UTC"
    zone_version: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """The time zone; UTC for one that is not known here."""
        return ZoneInfo(self.time_zone if self.time_zone in known_time_zones() else "UTC")

    def change(self, reminder_days: tuple[int, ...], pipeline_id: UUID | None) -> None:
        """Take over both, the days from the farthest on; nothing happens when nothing differs."""
        days = tuple(sorted(set(reminder_days), reverse=True))
        if (days, pipeline_id) != (self.reminder_days, self.pipeline_id):
            self.reminder_days, self.pipeline_id = days, pipeline_id
            self.record(SubscriptionSettingsChanged(days, pipeline_id))

    def follow(self, time_zone: str, version: int) -> None:
        """Reckon days by another time zone, unless something later was heard already."""
        if version > self.zone_version:
            self.time_zone, self.zone_version = time_zone or "UTC", version
            self.record(TimeZoneFollowed())
