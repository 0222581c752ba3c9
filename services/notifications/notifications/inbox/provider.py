"""The channel `inbox`: a message becomes an entry of its user's inbox, within the platform."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.context import service_caller
from chassis.storage.unit_of_work import Operations
from notifications.inbox.domain import Notice
from notifications.inbox.operations import put_into_inbox
from notifications.providers.port import Accepted, Outcome, Outgoing
from notifications.transaction import NotificationsTx


class InboxProvider:
    """Puts messages into inboxes; a message makes one entry, however often it is handed over."""

    def __init__(self, operations: Operations[NotificationsTx]) -> None:
        self._operations = operations

    def send(self, outgoing: Outgoing, hand_over: Callable[[], None]) -> Outcome:
        """The address is the user's id; what is in the inbox has arrived."""
        caller = service_caller("notifications", outgoing.tenant_id)
        title = outgoing.subject or outgoing.text[:100]
        notice = Notice(title, outgoing.text, outgoing.link, outgoing.message_id)
        hand_over()
        entry = self._operations.run(caller, put_into_inbox, UUID(outgoing.address), notice)
        return Accepted(str(entry), delivered=True)
