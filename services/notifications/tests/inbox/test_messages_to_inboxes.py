"""Messages on the channel `inbox` become entries of their users' inboxes, once each (NO-10)."""

from __future__ import annotations

from uuid import uuid4

from notifications.delivery.recipients import Addressee
from notifications.messages.domain import Content, Order, Recipient
from services.notifications.tests.delivery.sending import SendingNotifications

INBOX = "/v1/notifications/inbox"


def test_a_message_to_a_user_is_in_the_inbox_and_counts_as_delivered(
    sending: SendingNotifications,
) -> None:
    user_id = uuid4()
    sending.recipients.users[user_id] = Addressee(None, str(user_id), name="Clerk")
    order = Order(
        Recipient(user_id=user_id), "inbox", content=Content("New lead", "Ming has asked.")
    )
    message = sending.order(order)
    sending.work()
    shown = sending.shown(message)
    assert shown["state"] == "delivered"
    user = sending.harness.user_client(sending.tenant_id, {}, user_id=user_id)
    (entry,) = user.get(INBOX).json["items"]
    assert (entry["title"], entry["text"]) == ("New lead", "Ming has asked.")
    assert entry["id"] == shown["provider_reference"]
    assert user.get(f"{INBOX}/unread-count").json["unread"] == 1


def test_a_person_has_no_inbox(sending: SendingNotifications) -> None:
    message = sending.queue_to(sending.person(""), channel="inbox")
    sending.work()
    assert sending.shown(message)["reason"] == "no_address"
