"""What the administrator of a house that sells espresso machines defines, as bodies of requests.

The prices are without tax, so that whoever checks a quote by hand needs no division.
"""

from __future__ import annotations

from typing import Any

SITE = "https://www.espresso.example"
BASE_CURRENCY = "TWD"


def label(english: str, chinese: str) -> dict[str, str]:
    """A name in both languages."""
    return {"en": english, "zh-Hant": chinese}


MACHINE = {"sku": "EM-2", "name": label("Espresso machine, two groups", "雙孔義式咖啡機")}
OPTIONS: dict[str, dict[str, Any]] = {
    "grinder": {"sku": "GR-1", "name": label("Grinder", "磨豆機")},
    "filter": {"sku": "WF-1", "name": label("Water filter", "濾水器")},
    "milk": {"sku": "MS-1", "name": label("Milk system", "奶泡系統")},
}
PRICES = {"machine": "180000", "grinder": "32000", "filter": "6000", "milk": "45000"}
RULES: list[dict[str, Any]] = [
    {
        "key": "grinder_needed",
        "kind": "at_least",
        "options": ["grinder"],
        "count": 1,
        "message": label("A machine needs a grinder.", "咖啡機需搭配至少一臺磨豆機。"),
    },
    {
        "key": "milk_needs_filter",
        "kind": "requires",
        "when": "milk",
        "options": ["filter"],
        "message": label("The milk system needs a water filter.", "奶泡系統需搭配濾水器。"),
    },
]
PRICE_BOOK: dict[str, Any] = {
    "name": label("List prices", "定價"),
    "currency": BASE_CURRENCY,
    "valid_from": "2020-01-01",
    "prices_include_tax": False,
    "taxes": {"standard": "5"},
}

TERRITORY: dict[str, Any] = {
    "name": label("Taipei", "臺北市"),
    "countries": ["TW"],
    "postal_codes": [{"first": "100", "last": "116"}],
}
ASSIGNMENT: dict[str, Any] = {
    "name": label("Whose city it is", "依區域分派"),
    "method": "territory",
    "promise": {"within_minutes": 60},
}
SCORING: list[dict[str, Any]] = [
    {
        "name": label("Answers to the spring campaign", "回應春季活動"),
        "points": 20,
        "conditions": [{"field": "campaign", "comparison": "is", "values": ["spring"]}],
    },
    {
        "name": label("A hundred people or more", "百人以上的公司"),
        "points": 30,
        "conditions": [{"field": "company_size", "comparison": "at_least", "number": 100}],
    },
    {"name": label("A form", "填寫表單"), "points": 10, "touch": {"kinds": ["form"]}},
    {
        "name": label("Wants to hear from us", "願意收到消息"),
        "points": 5,
        "consent": {"purpose": "newsletter", "channel": "email"},
    },
    {
        "name": label("No phone", "沒有電話"),
        "points": -5,
        "conditions": [{"field": "phone", "comparison": "absent"}],
    },
]
ANSWERS = {"budget": "approved", "authority": "decides", "need": "urgent", "timeline": "year"}
"""What the customer says on the telephone, by the questions of BANT."""
COMPANY = {"name": "Formosa Hotels", "industry": "hotels"}
"""A company that contacts knows before its people fill in a form."""

LETTERHEAD: dict[str, Any] = {
    "name": label("Amphitrite Espresso Ltd.", "安菲義式咖啡股份有限公司"),
    "address": label("12 Bade Road, Taipei", "臺北市八德路 12 號"),
    "terms": label("Payment within 30 days.", "貨到後三十日內付款。"),
    "tax_id": "24567890",
}
QUOTA = {"measure": "revenue_won", "amount": {"amount": "300000", "currency": BASE_CURRENCY}}
COMMISSION_PLAN: dict[str, Any] = {
    "name": label("Machines", "咖啡機佣金"),
    "currency": BASE_CURRENCY,
    "frequency": "month",
    "basis": "won",
    "rate": "5",
    "tiers": [
        {"from_percent": "0", "multiplier": "1"},
        {"from_percent": "100", "multiplier": "1.6"},
    ],
    "method": "marginal",
    "valid_from": "2020-01-01",
}
MAINTENANCE: dict[str, Any] = {
    "name": "Maintenance of the machines",
    "currency": BASE_CURRENCY,
    "term_months": 12,
    "notice_days": 30,
    "auto_renew": False,
    "lines": [{"name": "Maintenance of a machine", "unit_price": "2500", "quantity": "2"}],
}
MAINTAINED_SINCE_DAYS = 280
"""The customer has had the machines' maintenance for so long, so its end is less than 90 days away."""

PIPELINE: dict[str, Any] = {
    "name": label("Machines", "咖啡機"),
    "required_roles": ["decider", "user"],
    "stages": [
        {
            "key": "discovery",
            "name": label("Discovery", "需求探索"),
            "probability": 20,
            "max_days": 30,
            "exit_criteria": [
                {
                    "key": "who_decides",
                    "name": label("We know who decides", "確認決策者"),
                    "kind": "role",
                    "role": "decider",
                }
            ],
        },
        {"key": "offer", "name": label("Offer", "報價"), "probability": 60},
        {"key": "won", "name": label("Won", "成交"), "kind": "won", "probability": 100},
        {"key": "lost", "name": label("Lost", "失單"), "kind": "lost"},
    ],
}
PLAYBOOK: dict[str, Any] = {
    "name": label("Make an offer", "提出報價"),
    "stage": "offer",
    "steps": [
        {"key": "tasting", "kind": "meeting", "subject": "Tasting at the customer's"},
        {"key": "follow_up", "kind": "call", "subject": "Ask about the offer"},
    ],
}
WEB_FORM: dict[str, Any] = {
    "name": "Spring offer",
    "fields": [
        {"name": "email", "label": label("E-mail", "電子郵件"), "required": True},
        {"name": "family_name", "label": label("Family name", "姓")},
        {"name": "given_name", "label": label("Given name", "名")},
        {"name": "company_name", "label": label("Company", "公司")},
        {"name": "country", "label": label("Country", "國家")},
        {"name": "postal_code", "label": label("Postal code", "郵遞區號")},
        {"name": "company_size", "label": label("How many are you?", "員工人數")},
    ],
    "consents": [
        {
            "purpose": "newsletter",
            "channel": "email",
            "wording": label("Write to me about coffee.", "請寄咖啡資訊給我。"),
        }
    ],
    "campaign": "spring",
    "landing_page": "/spring",
    "variants": ["a", "b"],
    "allowed_origins": [SITE],
    "thank_you_urls": [f"{SITE}/thanks"],
}
VISITOR = {
    "family_name": "王",
    "given_name": "小明",
    "company_name": "Formosa Hotels",
    "country": "TW",
    "postal_code": "106",
    "company_size": "120",
    "language": "zh-Hant",
}
