"""The templates that every tenant has from the start, in English and Traditional Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from notifications.templates.built_in.deciding import DECIDING_TEMPLATES
from notifications.templates.built_in.desk import DESK_TEMPLATES
from notifications.templates.built_in.loyalty import LOYALTY_TEMPLATES
from notifications.templates.built_in.making import (
    ADDRESS,
    BY_LANGUAGE,
    DAY,
    MONEY,
    TEXT,
    TIME,
    mail_template,
    required_object,
)
from notifications.templates.built_in.sales import SALES_TEMPLATES
from notifications.templates.domain import TemplateVersion


def _short(text: str) -> dict[str, dict[str, str]]:
    """The same words for all the channels that have nothing but words."""
    return {channel: {"text": text} for channel in ("sms", "line", "chat")}


def _titled(title: str, text: str) -> dict[str, str]:
    link = "{% if link is defined %}{{ link }}{% endif %}"
    return {"title": title, "text": text, "link": link}


_CONSENT_CONFIRMATION = mail_template(
    "consent_confirmation",
    "Confirmation of a consent",
    required_object(
        ("link", "purpose_names", "expires_at"),
        link=ADDRESS,
        purpose_names=BY_LANGUAGE,
        expires_at=TIME,
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
_QUOTE_LINK = mail_template(
    "quote_link",
    "A quote that is to be answered",
    required_object(
        ("link", "number", "seller_names", "total", "valid_until"),
        link=ADDRESS,
        number=TEXT,
        seller_names=BY_LANGUAGE,
        total=MONEY,
        valid_until=DAY,
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
_WEBHOOK_DISABLED = mail_template(
    "webhook_disabled",
    "Notice that a webhook endpoint was disabled",
    required_object(("url", "reason"), url=TEXT, reason=TEXT, link=ADDRESS),
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
_MESSAGE = mail_template(
    "message",
    "Any message",
    required_object(("subject", "text"), subject=TEXT, text=TEXT, link=ADDRESS, link_label=TEXT),
    {"en": _PLAIN, "zh-Hant": _PLAIN},
)

BUILT_IN: Mapping[str, TemplateVersion] = {
    template.key: template
    for template in (
        *(_CONSENT_CONFIRMATION, _QUOTE_LINK, _WEBHOOK_DISABLED, _MESSAGE),
        *SALES_TEMPLATES,
        *LOYALTY_TEMPLATES,
        *DECIDING_TEMPLATES,
        *DESK_TEMPLATES,
    )
}
"""By key. A tenant's own template of the same key goes before them."""
