"""What happens to entries of inboxes; each function is one transaction, or part of another's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.work.timers import Timer, set_timer
from notifications.inbox.domain import InboxEntry, Notice
from notifications.transaction import NotificationsTx

SNOOZE_TIMER = "inbox_snooze"
_MOST_AT_ONCE = 500


def put_into_inbox(tx: NotificationsTx, user_id: UUID, notice: Notice) -> UUID:
    """Put something into a user's inbox; gives the entry. A message makes one entry, not two."""
    if notice.message_id is not None:
        known = tx.inbox.of_message(notice.message_id)
        if known is not None:
            return known
    entry = InboxEntry.add(tx.ids.new(), user_id, notice, tx.clock.now())
    tx.inbox.add(entry)
    return entry.id


def mark_read(tx: NotificationsTx, entry_id: UUID) -> InboxEntry:
    """Note that an entry was read. Raises `NotFound`."""
    entry = tx.inbox.get(entry_id)
    entry.mark_read(tx.clock.now())
    return entry


def mark_unread(tx: NotificationsTx, entry_id: UUID) -> InboxEntry:
    """Show an entry as new again. Raises `NotFound`."""
    entry = tx.inbox.get(entry_id)
    entry.mark_unread()
    return entry


def snooze(tx: NotificationsTx, entry_id: UUID, until: datetime) -> InboxEntry:
    """Put an entry off. Raises `NotFound`, `Invalid`."""
    entry = tx.inbox.get(entry_id)
    entry.snooze(until, tx.clock.now())
    set_timer(tx, SNOOZE_TIMER, str(entry_id), until)
    return entry


def come_back(tx: NotificationsTx, timer: Timer) -> None:
    """Show an entry again when its time has come."""
    for entry in tx.inbox.get_many([UUID(timer.key)]):
        entry.come_back(tx.clock.now())


def mark_all_read(tx: NotificationsTx, user_id: UUID) -> int:
    """Note that a user has read everything that is shown; gives how many entries that were."""
    done = 0
    while entries := tx.inbox.unread(user_id, _MOST_AT_ONCE):
        for entry in entries:
            entry.mark_read(tx.clock.now())
        tx.flush()
        done += len(entries)
    return done
