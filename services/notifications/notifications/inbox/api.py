"""The caller's own inbox over REST (NO-10)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response

from chassis.domain import Forbidden
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.listing import Listing
from notifications.inbox import operations, queries
from notifications.inbox.domain import InboxEntry
from notifications.inbox.models import InboxEntryOut, ReadOut, SnoozeIn, UnreadOut
from notifications.transaction import NotificationsTx

inbox = Routes("/v1/notifications/inbox", tag="inbox")


@inbox.get("", permission=SIGNED_IN, listing=queries.INBOX, returns=InboxEntryOut)
def list_inbox(call: Call[NotificationsTx], listing: Listing) -> Reply:
    """List one's own inbox, the newest first; what is put off is there only when asked for."""
    return Reply(call.read(queries.list_inbox, _user(call), listing))


@inbox.get("/unread-count", permission=SIGNED_IN, returns=UnreadOut)
def count_unread(call: Call[NotificationsTx]) -> Reply:
    """Count what waits to be read in one's own inbox."""
    return Reply({"unread": call.read(queries.unread_count, _user(call))})


@inbox.get("/<uuid:inbox_entry_id>", permission=SIGNED_IN, returns=InboxEntryOut)
def get_inbox_entry(call: Call[NotificationsTx], inbox_entry_id: UUID) -> Reply:
    """Get an entry of one's own inbox."""
    entry = call.read(queries.get_entry, _user(call), inbox_entry_id)
    return Reply(entry, version=entry["version"])


@inbox.post("/read-all", permission=SIGNED_IN, returns=ReadOut)
def read_all_inbox_entries(call: Call[NotificationsTx]) -> Response:
    """Mark everything that is shown as read."""
    user_id = _user(call)
    return call.run(
        lambda tx: operations.mark_all_read(tx, user_id),
        lambda _tx, read: Reply({"read": read}),
    )


@inbox.post("/<uuid:inbox_entry_id>/read", permission=SIGNED_IN, returns=InboxEntryOut)
def read_inbox_entry(call: Call[NotificationsTx], inbox_entry_id: UUID) -> Response:
    """Mark an entry as read."""
    return _run(call, lambda tx: operations.mark_read(tx, inbox_entry_id))


@inbox.post("/<uuid:inbox_entry_id>/unread", permission=SIGNED_IN, returns=InboxEntryOut)
def unread_inbox_entry(call: Call[NotificationsTx], inbox_entry_id: UUID) -> Response:
    """Mark an entry as unread, and end its being put off."""
    return _run(call, lambda tx: operations.mark_unread(tx, inbox_entry_id))


@inbox.post(
    "/<uuid:inbox_entry_id>/snooze", permission=SIGNED_IN, body=SnoozeIn, returns=InboxEntryOut
)
def snooze_inbox_entry(
    call: Call[NotificationsTx], body: SnoozeIn, inbox_entry_id: UUID
) -> Response:
    """Put an entry off until later."""
    return _run(call, lambda tx: operations.snooze(tx, inbox_entry_id, body.until))


def _run(call: Call[NotificationsTx], work: Callable[[NotificationsTx], InboxEntry]) -> Response:
    _user(call)
    return call.run(
        work,
        lambda _tx, entry: Reply(queries.shown(entry), version=entry.version),
    )


def _user(call: Call[NotificationsTx]) -> UUID:
    """Whose inbox it is; an app has none."""
    user_id = call.caller.user_id
    if user_id is None:
        raise Forbidden("An inbox is a user's; an app has none.", code="user_needed")
    return user_id
