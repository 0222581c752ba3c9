"""The inbox within the platform: each user's own, read, put off, and back in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from chassis.context import service_caller
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.waiting import eventually
from notifications.inbox.domain import Notice
from notifications.inbox.operations import put_into_inbox
from notifications.transaction import NotificationsTx

INBOX = "/v1/notifications/inbox"
Notifications = ServiceHarness[NotificationsTx]


def put(notifications: Notifications, tenant_id: UUID, user_id: UUID, notice: Notice) -> UUID:
    """Put something into a user's inbox."""
    caller = service_caller("notifications", tenant_id)
    return notifications.service.operations.run(caller, put_into_inbox, user_id, notice)


def owner(notifications: Notifications, tenant_id: UUID, user_id: UUID) -> ApiClient:
    """The user, who needs no permission for the own inbox."""
    return notifications.user_client(tenant_id, {}, user_id=user_id)


def unread(client: ApiClient) -> int:
    """What the count says."""
    return int(client.get(f"{INBOX}/unread-count").json["unread"])


def test_entries_are_counted_read_and_marked_as_unread_again(notifications: Notifications) -> None:
    tenant_id, user_id = uuid4(), uuid4()
    client = owner(notifications, tenant_id, user_id)
    entries = [put(notifications, tenant_id, user_id, Notice(f"No. {n}")) for n in range(3)]
    assert unread(client) == 3
    titles = [item["title"] for item in client.get(INBOX).json["items"]]
    assert titles == ["No. 2", "No. 1", "No. 0"]
    assert client.post(f"{INBOX}/{entries[0]}/read").json["state"] == "read"
    assert [i["title"] for i in client.get(f"{INBOX}?state=read").json["items"]] == ["No. 0"]
    assert unread(client) == 2
    assert client.post(f"{INBOX}/{entries[0]}/unread").json["state"] == "unread"
    assert client.post(f"{INBOX}/read-all").json == {"read": 3}
    assert unread(client) == 0


def test_a_message_makes_one_entry_however_often_it_is_put_there(
    notifications: Notifications,
) -> None:
    tenant_id, user_id, message_id = uuid4(), uuid4(), uuid4()
    notice = Notice("Hello", message_id=message_id)
    first = put(notifications, tenant_id, user_id, notice)
    assert put(notifications, tenant_id, user_id, notice) == first
    assert unread(owner(notifications, tenant_id, user_id)) == 1


def test_what_is_put_off_comes_back_by_itself(notifications: Notifications) -> None:
    tenant_id, user_id = uuid4(), uuid4()
    client = owner(notifications, tenant_id, user_id)
    entry = put(notifications, tenant_id, user_id, Notice("Later"))
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    assert client.post(f"{INBOX}/{entry}/snooze", {"until": soon}).json["state"] == "snoozed"
    assert (unread(client), client.get(INBOX).json["items"]) == (0, [])
    eventually(lambda: unread(client) == 1)
    assert client.get(f"{INBOX}/{entry}").json["state"] == "unread"
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    refused = client.post(f"{INBOX}/{entry}/snooze", {"until": past})
    assert refused.json["errors"][0]["code"] == "time_out_of_range"


@pytest.mark.parametrize("same_tenant", [True, False])
def test_nobody_else_sees_or_changes_an_inbox(
    notifications: Notifications, *, same_tenant: bool
) -> None:
    tenant_id, user_id = uuid4(), uuid4()
    entry = put(notifications, tenant_id, user_id, Notice("Mine"))
    other = owner(notifications, tenant_id if same_tenant else uuid4(), uuid4())
    assert other.get(INBOX).json["items"] == []
    assert other.post(f"{INBOX}/read-all").json == {"read": 0}
    assert other.get(f"{INBOX}/{entry}").status_code == 404
    for action in ("read", "unread"):
        assert other.post(f"{INBOX}/{entry}/{action}").status_code == 404
    assert unread(owner(notifications, tenant_id, user_id)) == 1
    assert notifications.app_client(tenant_id).get(INBOX).status_code == 403
