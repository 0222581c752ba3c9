"""What members of loyalty programs are told, in English and Traditional Chinese.

Loyalty asks for the first four by the key that an administrator names there; the others are those of
rules. None holds the name of anybody: whoever words them knows who it goes to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from notifications.templates.built_in.making import (
    BY_LANGUAGE,
    DAY,
    TEXT,
    TIME,
    mailed_template,
    required_object,
)
from notifications.templates.domain import Category, TemplateVersion

POINTS: Mapping[str, Any] = {"type": "integer", "examples": [120]}


def _promotional(template: TemplateVersion) -> TemplateVersion:
    """The same, with a way to unsubscribe."""
    return replace(template, draft=replace(template.draft, category=Category.PROMOTIONAL))


_POINTS_EXPIRING = mailed_template(
    "points_expiring",
    "Points are about to expire",
    required_object(("points", "last_on"), points=POINTS, last_on=DAY),
    (
        "{{ points }} of your points expire soon",
        "You can use them until {{ last_on|date }}.",
    ),
    (
        "您有 {{ points }} 點即將到期",
        "請於 {{ last_on|date }} 前使用。",
    ),
)
_COUPON_ISSUED = mailed_template(
    "coupon_issued",
    "Somebody was given a coupon",
    required_object(
        ("code", "names"), coupon_id=TEXT, code=TEXT, name=TEXT, names=BY_LANGUAGE, ends_at=TIME
    ),
    (
        "A coupon for you: {{ names|in_language }}",
        (
            "Your code is {{ code }}."
            "{% if ends_at is defined %} It is good until {{ ends_at|datetime('short') }}.{% endif %}"
        ),
    ),
    (
        "送您一張優惠券：{{ names|in_language }}",
        (
            "優惠碼：{{ code }}。"
            "{% if ends_at is defined %}有效至 {{ ends_at|datetime('short') }}。{% endif %}"
        ),
    ),
)
_DETAILS_REFRESH = mailed_template(
    "contact_details_refresh",
    "Whether a member's contact details are right, asked after an event",
    required_object((), titles=BY_LANGUAGE),
    (
        "Are your contact details still right?",
        (
            "{% if titles is defined %}Thank you for coming to {{ titles|in_language }}. {% endif %}"
            "If your address, telephone number or e-mail has changed, please tell us."
        ),
    ),
    (
        "您的聯絡資料是否仍正確？",
        (
            "{% if titles is defined %}感謝您參加{{ titles|in_language }}。{% endif %}"
            "若您的地址、電話或電子郵件有所變更，請告訴我們。"
        ),
    ),
)
_WIN_BACK = _promotional(
    mailed_template(
        "win_back_offer",
        "An offer to somebody who stayed away",
        required_object(("counts_until",), counts_until=TIME, points=POINTS),
        (
            "We would be glad to see you again",
            (
                "{% if points is defined %}{{ points }} points are yours already. {% endif %}"
                "Come and see us by {{ counts_until|date }}."
            ),
        ),
        (
            "好久不見，歡迎回來",
            (
                "{% if points is defined %}已送您 {{ points }} 點。{% endif %}"
                "期待您於 {{ counts_until|date }} 前再次光臨。"
            ),
        ),
    )
)
_BIRTHDAY_GIFT = mailed_template(
    "birthday_gift",
    "A member's birthday has come",
    required_object((), points=POINTS),
    (
        "Happy birthday",
        (
            "{% if points is defined and points %}{{ points }} points are our gift to you."
            "{% else %}We wish you a wonderful year.{% endif %}"
        ),
    ),
    (
        "生日快樂",
        (
            "{% if points is defined and points %}送您 {{ points }} 點生日禮。"
            "{% else %}祝您新的一歲平安喜樂。{% endif %}"
        ),
    ),
)
_TIER_REACHED = mailed_template(
    "tier_reached",
    "A member has reached a tier",
    required_object(("tier",), tier=TEXT),
    ("You have reached a new tier", "Thank you for your loyalty. Your tier is now: {{ tier }}."),
    ("恭喜您升等", "感謝您的支持，您目前的會員等級：{{ tier }}。"),
)

LOYALTY_TEMPLATES = (
    _POINTS_EXPIRING,
    _COUPON_ISSUED,
    _DETAILS_REFRESH,
    _WIN_BACK,
    _BIRTHDAY_GIFT,
    _TIER_REACHED,
)
