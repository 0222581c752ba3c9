"""An entry of a user's inbox within the platform: unread, read, or put off until later (NO-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid

LONGEST_SNOOZE = timedelta(days=365)


class EntryState(StrEnum):
    """How an entry stands."""

    UNREAD = "unread"
    READ = "read"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True)
class Notice:
    """What an entry says. `message_id` is the message it came with, which makes one entry only."""

    title: str
    text: str = ""
    link: str = ""
    message_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class InboxEntryAdded(Fact):
    """A user has something new to read."""

    entry_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class InboxEntryChanged(Fact):
    """An entry was read, marked as unread, put off, or has come back."""

    entry_id: UUID
    user_id: UUID
    state: EntryState


@dataclass(kw_only=True)
class InboxEntry(Aggregate):
    """One entry of one user."""

    user_id: UUID
    notice: Notice
    created_at: datetime
    read_at: datetime | None = None
    snoozed_until: datetime | None = None

    @classmethod
    def add(cls, entry_id: UUID, user_id: UUID, notice: Notice, now: datetime) -> InboxEntry:
        """A new entry, unread."""
        entry = cls(id=entry_id, user_id=user_id, notice=notice, created_at=now)
        entry.record(InboxEntryAdded(entry_id, user_id))
        return entry

    def mark_read(self, now: datetime) -> None:
        """Note that it was read; a second time is no error, and the first time stays."""
        if self.read_at is None:
            self.read_at, self.snoozed_until = now, None
            self._changed(EntryState.READ)

    def mark_unread(self) -> None:
        """Show it as new again."""
        if self.read_at is not None or self.snoozed_until is not None:
            self.read_at = self.snoozed_until = None
            self._changed(EntryState.UNREAD)

    def snooze(self, until: datetime, now: datetime) -> None:
        """Put it off: unread, but not shown before then. Raises `Invalid` for a time that is past."""
        if not now < until <= now + LONGEST_SNOOZE:
            raise Invalid.at("/until", "time_out_of_range", "Between now and a year from now.")
        self.read_at, self.snoozed_until = None, until
        self._changed(EntryState.SNOOZED)

    def come_back(self, now: datetime) -> None:
        """Show it again if its time has come; it may have been put off anew or read meanwhile."""
        if self.snoozed_until is not None and self.snoozed_until <= now:
            self.mark_unread()

    def _changed(self, state: EntryState) -> None:
        self.record(InboxEntryChanged(self.id, self.user_id, state))
