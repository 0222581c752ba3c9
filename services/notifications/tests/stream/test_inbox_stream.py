"""Live updates of an inbox: the user's own, and nobody else's."""

from __future__ import annotations

from uuid import uuid4

import orjson

from chassis.context import service_caller
from chassis.testing.harness import ServiceHarness
from chassis.testing.tokens import TestTokens
from notifications.inbox.domain import Notice
from notifications.inbox.operations import mark_read, put_into_inbox
from notifications.inbox.streaming import INBOX_STREAM
from notifications.transaction import NotificationsTx

from .conftest import Read


def test_a_user_hears_of_the_own_inbox_alone(
    read: Read, notifications: ServiceHarness[NotificationsTx], tokens: TestTokens
) -> None:
    tenant_id, user_id, other_id = uuid4(), uuid4(), uuid4()
    events = read(INBOX_STREAM, tokens.user(tenant_id, user_id)).events()
    run = notifications.service.operations.run
    caller = service_caller("notifications", tenant_id)
    run(caller, put_into_inbox, other_id, Notice("For another"))
    entry = run(caller, put_into_inbox, user_id, Notice("For you"))
    run(caller, mark_read, entry)
    told = [orjson.loads(next(events)["data"]) for _ in range(2)]
    assert [event["type"].rpartition(".")[2] for event in told] == [
        "InboxEntryAdded",
        "InboxEntryChanged",
    ]
    assert {event["data"]["entry_id"] for event in told} == {str(entry)}
    assert told[1]["data"]["state"] == "INBOX_ENTRY_STATE_READ"
    assert read(INBOX_STREAM, tokens.client(tenant_id, "*")).status == 403
