"""What complaints are put down to: the tenant's own list of root causes (DE-11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chassis.domain import Aggregate, Fact

MOST_CAUSES = 500
"""How many a tenant may have, archived ones included."""


@dataclass(frozen=True, slots=True)
class CauseFact(Fact):
    """Something happened to a cause."""

    cause: ComplaintCause


@dataclass(frozen=True, slots=True)
class ComplaintCauseDefined(CauseFact):
    """There is another cause."""


@dataclass(frozen=True, slots=True)
class ComplaintCauseChanged(CauseFact):
    """A cause is called otherwise."""


@dataclass(frozen=True, slots=True)
class ComplaintCauseArchived(CauseFact):
    """Complaints are put down to it no more."""


@dataclass(frozen=True, slots=True)
class ComplaintCauseRestored(CauseFact):
    """Complaints are put down to it again."""


@dataclass(kw_only=True)
class ComplaintCause(Aggregate):
    """A root cause; `key` is what complaints name it by, for good."""

    key: str
    name: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Be there from now on."""
        self.record(ComplaintCauseDefined(self))

    def rename(self, name: Mapping[str, str], now: datetime) -> None:
        """Be called otherwise."""
        if name != self.name:
            self.name, self.updated_at = name, now
            self.record(ComplaintCauseChanged(self))

    def archive(self, now: datetime) -> None:
        """Have no more complaints put down to it; those that were keep it."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(ComplaintCauseArchived(self))

    def restore(self, now: datetime) -> None:
        """Have complaints put down to it again."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(ComplaintCauseRestored(self))
