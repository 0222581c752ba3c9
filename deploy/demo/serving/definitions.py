"""What a desk that serves owners of espresso machines defines, as bodies of requests; figures are easy to check by hand."""

from __future__ import annotations

from typing import Any

CURRENCY = "TWD"
SKU = "EM-1"
PRICE = "18000"
"""So much at once is gold in the club, which is from 5,000 on."""
VALUABLE_FROM = 15_000_00
"""In minor units, as conditions have money."""
SERIAL = "AM-0042"
WARRANTY_MONTHS = 24
QUOTA_OF_VISITS = 2
"""How many tickets a service contract is for."""


def label(english: str, chinese: str) -> dict[str, str]:
    """A name in both languages."""
    return {"en": english, "zh-Hant": chinese}


MODEL: dict[str, Any] = {
    "product_sku": SKU,
    "name": "Espresso machine for the home",
    "warranty_months": WARRANTY_MONTHS,
}
QUEUE: dict[str, Any] = {
    "key": "machines",
    "name": label("Machines", "咖啡機"),
    "method": "skill",
}
SKILL = "machines"
CHINESE: dict[str, Any] = {
    "skills": [{"key": SKILL, "level": 3}],
    "languages": ["zh-Hant", "en"],
    "capacity": 20,
    "status": "available",
}
ENGLISH: dict[str, Any] = {
    "skills": [{"key": SKILL, "level": 5}],
    "languages": ["en"],
    "capacity": 20,
    "status": "available",
}
"""Knows machines better, but not the language."""
VALUABLE: dict[str, Any] = {
    "name": label("Good customers", "重要客戶"),
    "condition": f'tier == "gold" && value >= {VALUABLE_FROM}',
    "skills": [{"key": SKILL, "level": 2}],
    "same_language": True,
    "raise_priority_to": "high",
}
ALL_OTHERS: dict[str, Any] = {
    "name": label("All others", "其他客戶"),
    "skills": [{"key": SKILL, "level": 1}],
    "same_language": True,
}
MAILBOX: dict[str, Any] = {
    "display_name": "安菲咖啡機客服",
    "language": "zh-Hant",
    "signature": "安菲義式咖啡 客服中心",
}
ARTICLE: dict[str, Any] = {
    "key": "descale-the-machine",
    "language": "zh-Hant",
    "title": "如何清除咖啡機的水垢",
    "summary": "出水變小時，請先清除水垢。",
    "body": "1. 將除垢劑倒入水箱。\n2. 開啟沖煮，讓水流過。\n3. 以清水沖洗兩次。",
    "visibility": "public",
    "product_skus": [SKU],
}
ARTICLE_IN_ENGLISH: dict[str, Any] = {
    "title": "How to descale the machine",
    "summary": "When little water comes, descale first.",
    "body": "1. Fill in the descaler.\n2. Let it run through.\n3. Rinse twice.",
}
OTHER_ARTICLE: dict[str, Any] = {
    "key": "opening-hours",
    "language": "zh-Hant",
    "title": "門市營業時間",
    "summary": "每日上午十點至晚上八點。",
    "body": "國定假日照常營業。",
    "visibility": "public",
}
SURVEY: dict[str, Any] = {
    "kind": "csat",
    "name": "After service",
    "delay_minutes": 0,
    "follow_up": {"priority": "high"},
}
CAUSE: dict[str, Any] = {"key": "packaging", "name": label("Packaging", "包裝不良")}
CONTRACT: dict[str, Any] = {
    "name": "Two visits a year",
    "coverage": {"product_skus": [SKU]},
    "allowance": {"kind": "tickets", "amount": QUOTA_OF_VISITS, "period": "term"},
}
MACRO: dict[str, Any] = {
    "name": label("Ask for a photo", "請客戶提供照片"),
    "actions": [
        {"kind": "add_tags", "tags": ["photo"]},
        {
            "kind": "reply",
            "texts": {
                "en": "Please send us a photo of the machine ({{number}}).",
                "zh-Hant": "請提供機器照片（{{number}}）。",
            },
        },
        {"kind": "set_status", "status": "waiting_for_customer"},
    ],
}
TELL_OF_BAD_SCORES: dict[str, Any] = {
    "name": label("A bad score", "低分通知"),
    "events": ["survey_answered"],
    "condition": "score >= 0 && score <= 2",
}
PING: dict[str, Any] = {
    "name": label("Ping", "乒"),
    "events": ["ticket_changed"],
    "condition": '"pong" in tags',
    "actions": [
        {"kind": "remove_tags", "tags": ["pong"]},
        {"kind": "add_tags", "tags": ["ping"]},
    ],
}
PONG: dict[str, Any] = {
    "name": label("Pong", "乓"),
    "events": ["ticket_changed"],
    "condition": '"ping" in tags',
    "actions": [
        {"kind": "remove_tags", "tags": ["ping"]},
        {"kind": "add_tags", "tags": ["pong"]},
    ],
}
"""Two triggers that call each other, as happens when two people define them."""
TIME_RULE: dict[str, Any] = {
    "name": label("No answer for three days", "三天未回覆"),
    "since": "status_changed",
    "hours": 72,
    "condition": 'status == "waiting_for_customer"',
    "actions": [{"kind": "set_status", "status": "resolved"}],
}
FIRST_MAIL = ("咖啡機出水很小", "您好，我的咖啡機最近出水很小，煮一杯要很久，是不是有水垢？")
"""Subject and words of the mail with which it begins."""
