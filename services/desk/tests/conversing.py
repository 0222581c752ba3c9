"""Steps of conversations over REST, for tests."""

from __future__ import annotations

from typing import Any

from chassis.testing.client import ApiAnswer, ApiClient
from services.desk.tests.builders import TICKETS, good


def reply(client: ApiClient, ticket: dict[str, Any], **more: Any) -> ApiAnswer:
    """Answer the customer."""
    return client.post(f"{TICKETS}/{ticket['id']}/messages", {"text": "We are on it.", **more})


def hear(client: ApiClient, ticket: dict[str, Any], **more: Any) -> ApiAnswer:
    """Note what the customer has said."""
    path = f"{TICKETS}/{ticket['id']}/customer-messages"
    return client.post(path, {"text": "Is anybody there?", **more})


def note(client: ApiClient, ticket: dict[str, Any], **more: Any) -> ApiAnswer:
    """Note something among colleagues."""
    return client.post(f"{TICKETS}/{ticket['id']}/notes", {"text": "A known fault.", **more})


def conversation(client: ApiClient, ticket: dict[str, Any]) -> list[dict[str, Any]]:
    """All that was said, as it went."""
    items: list[dict[str, Any]] = good(client.get(f"{TICKETS}/{ticket['id']}/messages"))["items"]
    return items


def current(client: ApiClient, ticket: dict[str, Any]) -> dict[str, Any]:
    """The ticket as it is now."""
    return good(client.get(f"{TICKETS}/{ticket['id']}"))


def act(client: ApiClient, ticket: dict[str, Any], verb: str, **body: Any) -> ApiAnswer:
    """Do something to a ticket."""
    return client.post(f"{TICKETS}/{ticket['id']}/{verb}", body)
