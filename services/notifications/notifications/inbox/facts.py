"""Recorded facts of inboxes to protobuf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notifications.inbox.domain import InboxEntryAdded, InboxEntryChanged
from rapport.notifications.events.v1 import inbox_events_pb2 as events


def _added(fact: InboxEntryAdded) -> events.InboxEntryAdded:
    return events.InboxEntryAdded(entry_id=str(fact.entry_id), user_id=str(fact.user_id))


def _changed(fact: InboxEntryChanged) -> events.InboxEntryChanged:
    return events.InboxEntryChanged(
        entry_id=str(fact.entry_id),
        user_id=str(fact.user_id),
        state=events.InboxEntryState.Value(f"INBOX_ENTRY_STATE_{fact.state.upper()}"),
    )


INBOX_FACTS: dict[type[Any], Callable[[Any], Any]] = {
    InboxEntryAdded: _added,
    InboxEntryChanged: _changed,
}
