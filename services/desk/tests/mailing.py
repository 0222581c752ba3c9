"""Hands mail over, as a mail server does, and looks at what became of it."""

from __future__ import annotations

from typing import Any

from chassis.testing.client import ApiAnswer, ApiClient
from rapport.desk.requests.v1.send_message_pb2 import SendMessage
from services.desk.tests.builders import TICKETS, Desk, facts, good

MAILBOXES = "/v1/desk/mailboxes"
INBOUND = "/v1/desk/inbound-mails"
OUTBOUND = "/v1/desk/outbound-mails"
_numbers = iter(range(1, 1_000_000))


def new_mailbox(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A mailbox with an address that no other test has."""
    address = f"support{next(_numbers)}.{str(client.tenant_id)[-8:]}@acme.example"
    return good(client.post(MAILBOXES, {"address": address, **more}))


def hand_over(
    desk: Desk, mailbox: dict[str, Any], content: bytes, secret: str | None = None, **query: Any
) -> ApiAnswer:
    """Post a mail for a mailbox."""
    shown = mailbox["secret"] if secret is None else secret
    head = {"Authorization": f"Bearer {shown}", "Content-Type": "message/rfc822"}
    path = mailbox["intake_path"]
    return desk.anonymous().post(path, data=content, headers=head, query_string=query)


def landed(
    desk: Desk, client: ApiClient, mailbox: dict[str, Any], content: bytes, **query: Any
) -> dict[str, Any]:
    """What became of a mail."""
    (item,) = good(hand_over(desk, mailbox, content, **query))["items"]
    return good(client.get(f"{INBOUND}/{item['mail_id']}"))


def tickets_of(client: ApiClient) -> list[dict[str, Any]]:
    """The client's tickets, the oldest first."""
    items: list[dict[str, Any]] = client.get(f"{TICKETS}?sort=opened_at&page_size=200").json[
        "items"
    ]
    return items


def said_on(client: ApiClient, ticket_id: str) -> list[tuple[str, str]]:
    """What was said on a ticket, and by what kind of message, the oldest first."""
    items = client.get(f"{TICKETS}/{ticket_id}/messages").json["items"]
    return [(one["kind"], one["text"]) for one in sorted(items, key=lambda one: one["said_at"])]


def wanted(desk: Desk, client: ApiClient) -> list[Any]:
    """What notifications was asked to send."""
    return [one.request for one in facts(desk, client, SendMessage)]
