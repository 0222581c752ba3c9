"""What the administrator of a coffee club defines, as bodies of requests; figures are easy to check by hand."""

from __future__ import annotations

from typing import Any

CURRENCY = "TWD"
ZONE = "Asia/Taipei"
BRANCH = "Xinyi"


def label(english: str, chinese: str) -> dict[str, str]:
    """A name in both languages."""
    return {"en": english, "zh-Hant": chinese}


NOTICE_TEMPLATE: dict[str, Any] = {
    "key": "points_expire",
    "name": "Points are about to expire",
    "variables": {
        "type": "object",
        "properties": {
            "points": {"type": "integer"},
            "last_on": {"type": "string"},
        },
        "required": ["points", "last_on"],
    },
    "content": {
        "email": {
            "en": {
                "subject": "{{ points }} of your points end on {{ last_on }}",
                "text": "Have something nice for them before.",
            },
            "zh-Hant": {
                "subject": "您的 {{ points }} 點將於 {{ last_on }} 到期",
                "text": "請把握時間兌換。",
            },
        }
    },
}
PROGRAM: dict[str, Any] = {
    "key": "beans",
    "name": "Bean Club",
    "currency": CURRENCY,
    "point_value": "0.1",
    "points_name": label("beans", "豆點"),
    "time_zone": ZONE,
    "enrolment": {"first_purchase": "delivered"},
    "policies": {
        "pending": {"days": 7},
        "expiry": {
            "kind": "after_months",
            "months": 12,
            "at_end_of": "month",
            "notice_days": [30],
            "notice_template": NOTICE_TEMPLATE["key"],
        },
        "adjustments": {"limit": 500},
    },
}
PURCHASES: dict[str, Any] = {
    "name": "A bean for every ten dollars",
    "trigger": "order_delivered",
    "gives": {
        "kind": "per_amount",
        "points": 1,
        "amount": {"amount": "10", "currency": CURRENCY},
    },
}
TIERS: dict[str, Any] = {
    "tiers": [
        {"key": "regular", "name": label("Regular", "一般會員"), "threshold": "0"},
        {
            "key": "gold",
            "name": label("Gold", "金卡會員"),
            "threshold": "5000",
            "benefits": [{"kind": "earning_multiplier", "percent": 150}],
        },
    ],
    "by": "spend",
    "window": "rolling",
    "months": 12,
    "grace_days": 30,
}
CUP: dict[str, Any] = {
    "name": label("A cup of your own", "專屬咖啡杯"),
    "points": 300,
    "stocking": "total",
    "fulfilment": "collect",
}
REFERRAL_TERMS: dict[str, Any] = {
    "referrer_gift": {"points": 200},
    "friend_gift": {"points": 100},
}
BIRTHDAY: dict[str, Any] = {
    "key": "birthday",
    "date_kind": "birthday",
    "name": label("Happy birthday", "生日快樂"),
    "gift": {"points": 88},
}
COME_BACK: dict[str, Any] = {
    "name": label("200 off when you come back", "回購折抵二百元"),
    "campaign": "come-back",
    "benefit": {"kind": "amount_off", "amount": {"amount": "200", "currency": CURRENCY}},
    "conditions": {"minimum_spend": {"amount": "600", "currency": CURRENCY}},
    "valid_days": 30,
}
WIN_BACK: dict[str, Any] = {
    "name": label("We miss you", "好久不見"),
    "audience": {"states": ["drifting", "lapsed"], "control_percent": "10"},
    "counts_days": 30,
}
