"""Chat by an incoming webhook: what Slack, Mattermost and others take, or plain JSON for one's own."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import orjson
from pydantic import Field

from chassis.http.body import Body
from chassis.outbound.http import OutboundHttp, OutboundRequest, OutboundResponse
from notifications.providers.http_calls import after_failure, call, retry_after
from notifications.providers.port import Accepted, Outcome, Outgoing, ProviderKind, Tools

_LONGEST_TEXT = 30_000


class Format(StrEnum):
    """What the webhook takes. `json` has everything, with the idempotency key as a header."""

    SLACK = "slack"
    JSON = "json"


class ChatWebhookSettings(Body):
    """What the receiver takes."""

    format: Annotated[Format, Field(strict=False)] = Format.SLACK


class ChatWebhookSecrets(Body):
    """The webhook's address, which is a secret itself, and a token if the receiver wants one."""

    url: Annotated[str, Field(min_length=8, max_length=2000)]
    bearer_token: Annotated[str, Field(max_length=500)] = ""


class ChatWebhookProvider:
    """Posts messages to a webhook."""

    def __init__(
        self, http: OutboundHttp, settings: ChatWebhookSettings, secrets: ChatWebhookSecrets
    ) -> None:
        self._http = http
        self._format = settings.format
        self._secrets = secrets

    def send(self, outgoing: Outgoing, hand_over: Callable[[], None]) -> Outcome:
        """Post one message; webhooks tell no reference."""
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": outgoing.idempotency_key,
        }
        if self._secrets.bearer_token:
            headers["Authorization"] = f"Bearer {self._secrets.bearer_token}"
        body = orjson.dumps(self._said(outgoing))
        request = OutboundRequest("POST", self._secrets.url, headers, body)
        answer = call(self._http, request, hand_over)
        if not isinstance(answer, OutboundResponse):
            return answer
        if 200 <= answer.status < 300:
            return Accepted()
        detail = f"{answer.status} {answer.body[:100].decode('utf-8', 'replace')}".strip()
        return after_failure(answer.status, detail, retry_after(answer.headers))

    def _said(self, outgoing: Outgoing) -> dict[str, Any]:
        if self._format is Format.SLACK:
            # Slack's own markup has no meaning in what people are called: & < > are escaped.
            text = outgoing.text[:_LONGEST_TEXT]
            escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            return (
                {"text": escaped, "channel": outgoing.address}
                if outgoing.address.startswith(("#", "@"))
                else {"text": escaped}
            )
        return {
            "id": str(outgoing.message_id),
            "to": outgoing.address,
            "name": outgoing.name,
            "subject": outgoing.subject,
            "text": outgoing.text,
            "html": outgoing.html,
            "language": outgoing.language,
            "purpose": outgoing.purpose,
        }


def _make(
    settings: ChatWebhookSettings, secrets: ChatWebhookSecrets, tools: Tools
) -> ChatWebhookProvider:
    return ChatWebhookProvider(tools.http, settings, secrets)


KIND = ProviderKind(
    key="chat_webhook",
    channels=("chat",),
    settings=ChatWebhookSettings,
    secrets=ChatWebhookSecrets,
    make=_make,
    example={"format": "slack"},
)
