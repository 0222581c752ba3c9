"""What people who sell are told, in English and Traditional Chinese: the words of the first rules."""

from __future__ import annotations

from notifications.templates.built_in.making import (
    MONEY,
    TEXT,
    TIME,
    required_object,
    told_template,
)


def _if_known(variable: str, then: str, otherwise: str) -> str:
    """What is said with a variable that may be missing, and without it."""
    return f"{{% if {variable} is defined %}}{then}{{% else %}}{otherwise}{{% endif %}}"


_LEAD_ASSIGNED = told_template(
    "lead_assigned",
    "A lead has a new owner",
    required_object(("lead_id",), lead_id=TEXT, contact_due_at=TIME),
    "/sales/leads/{{ lead_id }}",
    (
        "A lead is yours now",
        _if_known(
            "contact_due_at",
            "First contact is promised by {{ contact_due_at|datetime('short') }}.",
            "Please get in touch.",
        ),
    ),
    (
        "您有一筆新的潛在客戶",
        _if_known(
            "contact_due_at",
            "請於 {{ contact_due_at|datetime('short') }} 前完成首次聯繫。",
            "請與對方聯繫。",
        ),
    ),
)
_FIRST_CONTACT_MISSED = told_template(
    "first_contact_missed",
    "First contact with a lead was not made in time",
    required_object(("lead_id", "contact_due_at"), lead_id=TEXT, contact_due_at=TIME),
    "/sales/leads/{{ lead_id }}",
    (
        "First contact is overdue",
        "It was promised by {{ contact_due_at|datetime('short') }}. The lead may go to a colleague.",
    ),
    (
        "首次聯繫已逾時",
        "原訂於 {{ contact_due_at|datetime('short') }} 前聯繫，此潛在客戶可能轉由其他同事負責。",
    ),
)
_QUOTE = required_object(("quote_id", "number", "total"), quote_id=TEXT, number=TEXT, total=MONEY)
_QUOTE_ACCEPTED = told_template(
    "quote_accepted",
    "A customer has accepted a quote",
    _QUOTE,
    "/sales/quotes/{{ quote_id }}",
    ("Quote {{ number }} was accepted", "It comes to {{ total|money }}, and is ordered."),
    ("報價單 {{ number }} 已獲接受", "金額 {{ total|money }}，訂單已成立。"),
)
_QUOTE_REJECTED = told_template(
    "quote_rejected",
    "A customer has rejected a quote",
    _QUOTE,
    "/sales/quotes/{{ quote_id }}",
    ("Quote {{ number }} was rejected", "The customer has said no to {{ total|money }}."),
    ("報價單 {{ number }} 未獲接受", "客戶未接受此報價，金額 {{ total|money }}。"),
)
_APPROVAL_REQUESTED = told_template(
    "approval_requested",
    "Somebody's approval is asked for",
    required_object(
        ("approval_request_id", "type"), approval_request_id=TEXT, type=TEXT, amount=MONEY
    ),
    "/sales/approval-requests/{{ approval_request_id }}",
    (
        "Your approval is asked for",
        "{{ type }}{% if amount is defined %}: {{ amount|money }}{% endif %}",
    ),
    (
        "有一筆簽核等您處理",
        "{{ type }}{% if amount is defined %}：{{ amount|money }}{% endif %}",
    ),
)
_QUOTE_APPROVAL_REQUESTED = told_template(
    "quote_approval_requested",
    "Somebody's approval of a quote is asked for",
    _QUOTE,
    "/sales/quotes/{{ quote_id }}",
    ("Quote {{ number }} waits for your approval", "It comes to {{ total|money }}."),
    ("報價單 {{ number }} 等您核准", "金額 {{ total|money }}。"),
)
_COLLEAGUE_MENTIONED = told_template(
    "colleague_mentioned",
    "A comment mentions a colleague",
    required_object(("opportunity_id",), opportunity_id=TEXT),
    "/sales/opportunities/{{ opportunity_id }}",
    ("You were mentioned", "A colleague has mentioned you in a comment on an opportunity."),
    ("有人提到您", "同事在商機的留言中提到您。"),
)
_ACTIVITY_REMINDER = told_template(
    "activity_reminder",
    "It is time to think of an activity",
    required_object(("activity_id",), activity_id=TEXT, due_at=TIME),
    "/sales/activities/{{ activity_id }}",
    (
        "Reminder of an activity",
        _if_known("due_at", "It is due {{ due_at|datetime('short') }}.", "It is not done yet."),
    ),
    (
        "活動提醒",
        _if_known("due_at", "到期時間：{{ due_at|datetime('short') }}", "尚未完成。"),
    ),
)

SALES_TEMPLATES = (
    _LEAD_ASSIGNED,
    _FIRST_CONTACT_MISSED,
    _QUOTE_ACCEPTED,
    _QUOTE_REJECTED,
    _APPROVAL_REQUESTED,
    _QUOTE_APPROVAL_REQUESTED,
    _COLLEAGUE_MENTIONED,
    _ACTIVITY_REMINDER,
)
"""In the order in which people meet them."""
