"""The templates that every tenant has from the start, in English and Traditional Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from notifications.templates.domain import Category, Draft, TemplateVersion

_LANGUAGES = ("en", "zh-Hant")


def _template(
    key: str, name: str, variables: Mapping[str, Any], lines: Mapping[str, Mapping[str, Any]]
) -> TemplateVersion:
    """A template whose mail is in files beside this one, and whose short texts are in `lines`."""
    content: dict[str, dict[str, dict[str, str]]] = {}
    for language in _LANGUAGES:
        for channel, parts in lines[language].items():
            content.setdefault(channel, {})[language] = dict(parts)
        mail = files(__package__).joinpath(f"{key}.{language}.mjml").read_text("utf-8")
        content["email"][language]["mjml"] = mail
    draft = Draft(name, Category.TRANSACTIONAL, "en", variables, content)
    return TemplateVersion(uuid5(NAMESPACE_URL, f"rapport:template:{key}"), key, 0, draft)


def _object(required: tuple[str, ...], **properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def _short(text: str) -> dict[str, dict[str, str]]:
    """The same words for all the channels that have nothing but words."""
    return {channel: {"text": text} for channel in ("sms", "line", "chat")}


def _titled(title: str, text: str) -> dict[str, str]:
    link = "{% if link is defined %}{{ link }}{% endif %}"
    return {"title": title, "text": text, "link": link}


_TEXT: Mapping[str, Any] = {"type": "string"}
_ADDRESS: Mapping[str, Any] = {"type": "string", "format": "uri", "maxLength": 2000}
_TIME: Mapping[str, Any] = {"type": "string", "format": "date-time"}
_DAY: Mapping[str, Any] = {"type": "string", "format": "date"}
_MONEY: Mapping[str, Any] = {
    "type": "object",
    "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
    "required": ["amount", "currency"],
    "examples": [{"amount": "1250.00", "currency": "TWD"}],
}
_BY_LANGUAGE: Mapping[str, Any] = {"type": "object", "examples": [{"en": "News"}]}

_CONSENT_CONFIRMATION = _template(
    "consent_confirmation",
    "Confirmation of a consent",
    _object(
        ("link", "purpose_names", "expires_at"),
        link=_ADDRESS,
        purpose_names=_BY_LANGUAGE,
        expires_at=_TIME,
    ),
    {
        "en": {
            "email": {"subject": "Please confirm: {{ purpose_names|in_language }}"},
            **_short(
                "Please confirm that we may write to you about {{ purpose_names|in_language }}: {{ link }}"
            ),
        },
        "zh-Hant": {
            "email": {"subject": "請確認：{{ purpose_names|in_language }}"},
            **_short("請確認您願意收到「{{ purpose_names|in_language }}」的訊息：{{ link }}"),
        },
    },
)
_QUOTE_LINK = _template(
    "quote_link",
    "A quote that is to be answered",
    _object(
        ("link", "number", "seller_names", "total", "valid_until"),
        link=_ADDRESS,
        number=_TEXT,
        seller_names=_BY_LANGUAGE,
        total=_MONEY,
        valid_until=_DAY,
    ),
    {
        "en": {
            "email": {
                "subject": "Your quotation {{ number }}"
                "{% if seller_names %} from {{ seller_names|in_language }}{% endif %}"
            },
            **_short(
                "Your quotation {{ number }}, {{ total|money }}, valid until"
                " {{ valid_until|date }}: {{ link }}"
            ),
        },
        "zh-Hant": {
            "email": {
                "subject": "{% if seller_names %}{{ seller_names|in_language }}{% endif %}"
                "報價單 {{ number }}"
            },
            **_short(
                "您的報價單 {{ number }}，{{ total|money }}，有效至 {{ valid_until|date }}：{{ link }}"
            ),
        },
    },
)
_WEBHOOK_DISABLED = _template(
    "webhook_disabled",
    "Notice that a webhook endpoint was disabled",
    _object(("url", "reason"), url=_TEXT, reason=_TEXT, link=_ADDRESS),
    {
        "en": {
            "email": {"subject": "A webhook endpoint was disabled"},
            "inbox": _titled(
                "A webhook endpoint was disabled", "Nothing is delivered to {{ url }} any more."
            ),
        },
        "zh-Hant": {
            "email": {"subject": "Webhook 端點已停用"},
            "inbox": _titled("Webhook 端點已停用", "{{ url }} 不會再收到任何通知。"),
        },
    },
)
_PLAIN = {
    "email": {"subject": "{{ subject }}"},
    "push": _titled("{{ subject }}", "{{ text }}"),
    "inbox": _titled("{{ subject }}", "{{ text }}"),
    **_short("{{ text }}{% if link is defined %} {{ link }}{% endif %}"),
}
_MESSAGE = _template(
    "message",
    "Any message",
    _object(("subject", "text"), subject=_TEXT, text=_TEXT, link=_ADDRESS, link_label=_TEXT),
    {"en": _PLAIN, "zh-Hant": _PLAIN},
)

BUILT_IN: Mapping[str, TemplateVersion] = {
    template.key: template
    for template in (_CONSENT_CONFIRMATION, _QUOTE_LINK, _WEBHOOK_DISABLED, _MESSAGE)
}
"""By key. A tenant's own template of the same key goes before them."""
