"""How what people are told is made for the estate: templates, rules, providers, messages, webhooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.context import service_caller
from notifications.inbox.domain import Notice
from notifications.inbox.operations import put_into_inbox
from services.notifications.tests.push.browser import Browser

from .letters import letters

_MARK = "Amphitrite"
"""The estate's mark."""


def messaging_recipes(posted: Callable[..., Any], good: Callable[..., Any]) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records."""
    return {
        **_told_by_rules(posted, good),
        **_told_to_people(good),
        **_sent(posted),
        "batch_id": lambda owned: letters(owned, good),
    }


def _told_by_rules(posted: Callable[..., Any], good: Callable[..., Any]) -> dict[str, Any]:
    def template(owned: Any) -> str:
        """A template with a version that was published."""
        owner, path = owned.owner("notifications"), "/v1/notifications/templates"
        content = {"sms": {"en": {"text": _MARK}}}
        body = {"key": "serenade", "name": _MARK, "content": content}
        template_id = str(good(owner.post(path, body), path).json["id"])
        good(owner.post(f"{path}/{template_id}/publish"), path)
        return template_id

    return {
        "template_id": template,
        "rule_id": posted(
            "/v1/notifications/rules",
            name=_MARK,
            fact_type="rapport.contacts.events.v1.PersonCreated",
            template="serenade",
            channel="sms",
        ),
        "webhook_id": posted(
            "/v1/notifications/webhooks",
            url=f"http://127.0.0.1:9999/{_MARK}",
            description=_MARK,
            types=["rapport.contacts.events.v1.PersonCreated"],
        ),
        "delivery_id": posted("/v1/notifications/webhooks/{webhook_id}/test"),
    }


def _told_to_people(good: Callable[..., Any]) -> dict[str, Any]:
    def inbox_entry(owned: Any) -> str:
        """An entry in the administrator's inbox."""
        run = owned.services["notifications"].harness.service.operations.run
        caller = service_caller("notifications", owned.tenant_id)
        return str(run(caller, put_into_inbox, owned.home.administrator_id, Notice(_MARK)))

    def push_subscription(owned: Any) -> str:
        """A browser of a customer's."""
        owner, path = owned.owner("notifications"), "/v1/notifications/push-subscriptions"
        browser = Browser("https://push.example/1").subscription
        body = {**browser, "person_id": owned.ids["person_id"], "label": _MARK}
        return str(good(owner.post(path, body), path).json["id"])

    return {"inbox_entry_id": inbox_entry, "push_subscription_id": push_subscription}


def _sent(posted: Callable[..., Any]) -> dict[str, Any]:
    return {
        "message_id": posted(
            "/v1/notifications/messages",
            person_id=lambda owned: owned.ids["person_id"],
            channel="email",
            content={"subject": _MARK, "text": _MARK},
            send_at="2099-01-01T00:00:00Z",
        ),
        "provider_id": posted(
            "/v1/notifications/providers",
            name=_MARK,
            kind="chat_webhook",
            channel="chat",
            secrets={"url": f"http://127.0.0.1:9999/{_MARK}"},
        ),
        "policy_id": posted("/v1/notifications/policies", purpose="regatta", rules={}),
        "suppression_id": posted(
            "/v1/notifications/suppressions", channel="email", address=f"{_MARK}@customers.example"
        ),
    }
