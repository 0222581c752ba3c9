"""How a tenant's desk works: its numbers, when what is resolved closes, what a broken promise does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chassis.domain import Aggregate, Fact
from desk.service_levels.domain import Escalation
from desk.ticket_facts.domain import Priority

NUMBER_PREFIX = "T"
CLOSE_AFTER_DAYS = 7
DEFAULT_LANGUAGE = "en"
MOST_DAYS = 365
BROKEN_PROMISE = Escalation(raise_priority_to=Priority.HIGH)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a tenant chooses.

    `close_after_days` is after how many days a resolved ticket closes; `default_language` is that of
    whoever speaks none that is known. `broken_promise` is what is done with a ticket when a promise about
    it is broken.
    """

    number_prefix: str = NUMBER_PREFIX
    close_after_days: int = CLOSE_AFTER_DAYS
    default_language: str = DEFAULT_LANGUAGE
    broken_promise: Escalation = BROKEN_PROMISE


@dataclass(frozen=True, slots=True)
class DeskSettingsChanged(Fact):
    """The tenant has chosen otherwise."""

    preferences: Preferences
    at: datetime


@dataclass(kw_only=True)
class TenantSettings(Aggregate):
    """The one settings of a tenant's desk."""

    preferences: Preferences = Preferences()

    def change(self, preferences: Preferences, now: datetime) -> None:
        """Choose otherwise; nothing happens when nothing differs.

        Tickets keep the number and the day of closing that they have.
        """
        if preferences != self.preferences:
            self.preferences = preferences
            self.record(DeskSettingsChanged(preferences, now))
