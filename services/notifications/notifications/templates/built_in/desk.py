"""What people who help customers are told by the first rules, and what customers are asked by surveys."""

from __future__ import annotations

from notifications.templates.built_in.making import (
    ADDRESS,
    TEXT,
    TIME,
    mailed_template,
    required_object,
    told_template,
)
from notifications.templates.domain import TemplateVersion

_PATH = "/desk/tickets/{{ ticket_id }}"
_DEADLINE = required_object(
    ("ticket_id", "number", "due_at"), ticket_id=TEXT, number=TEXT, due_at=TIME
)
_TICKET_ASSIGNED = told_template(
    "ticket_assigned",
    "A ticket has a new assignee",
    required_object(("ticket_id", "number"), ticket_id=TEXT, number=TEXT),
    _PATH,
    ("Ticket {{ number }} is yours now", "Please look after it."),
    ("工單 {{ number }} 已指派給您", "請處理此工單。"),
)
_TICKET_ALERT = told_template(
    "ticket_alert",
    "Somebody is to look at a ticket: a rule or a note says so, or nobody takes care of it",
    required_object(("ticket_id", "number"), ticket_id=TEXT, number=TEXT, source=TEXT),
    _PATH,
    (
        "Please look at ticket {{ number }}",
        (
            "{% if source is defined and source == 'survey' %}"
            "A customer was not content, and nobody takes care of it yet."
            "{% elif source is defined and source == 'service_level' %}"
            "Nobody takes care of it, and it is due soon or overdue."
            "{% elif source is defined and source == 'mention' %}"
            "A colleague has mentioned you in a note."
            "{% else %}A rule of your desk asks you to look at it.{% endif %}"
        ),
    ),
    (
        "請查看工單 {{ number }}",
        (
            "{% if source is defined and source == 'survey' %}顧客評分不佳，尚無人處理此工單。"
            "{% elif source is defined and source == 'service_level' %}"
            "尚無人處理此工單，且即將到期或已逾期。"
            "{% elif source is defined and source == 'mention' %}同事在備註中提到您。"
            "{% else %}客服規則請您查看此工單。{% endif %}"
        ),
    ),
)
_DEADLINE_NEAR = told_template(
    "service_level_warned",
    "A deadline of a ticket draws near",
    _DEADLINE,
    _PATH,
    ("Ticket {{ number }} is due soon", "It is due {{ due_at|datetime('short') }}."),
    ("工單 {{ number }} 即將到期", "期限為 {{ due_at|datetime('short') }}。"),
)
_DEADLINE_BROKEN = told_template(
    "service_level_breached",
    "A deadline of a ticket has passed",
    _DEADLINE,
    _PATH,
    ("Ticket {{ number }} is overdue", "It was due {{ due_at|datetime('short') }}."),
    ("工單 {{ number }} 已逾期", "期限為 {{ due_at|datetime('short') }}。"),
)
_PROMISE_NEAR = told_template(
    "promise_reminder",
    "A customer is soon to hear from the desk, as was promised",
    _DEADLINE,
    _PATH,
    (
        "A promise about ticket {{ number }} is due soon",
        "The customer is to hear from you by {{ due_at|datetime('short') }}.",
    ),
    (
        "工單 {{ number }} 的承諾即將到期",
        "請於 {{ due_at|datetime('short') }} 前聯繫客戶。",
    ),
)
_PROMISE_BROKEN = told_template(
    "promise_broken",
    "A customer has not heard from the desk, as was promised",
    _DEADLINE,
    _PATH,
    (
        "A promise about ticket {{ number }} is broken",
        "The customer was to hear from you by {{ due_at|datetime('short') }}. Please get in touch.",
    ),
    (
        "工單 {{ number }} 的承諾已逾時",
        "原訂於 {{ due_at|datetime('short') }} 前聯繫客戶，請儘快聯繫。",
    ),
)
_ASKED = required_object(("link", "number"), link=ADDRESS, number=TEXT)
_CSAT_SURVEY = mailed_template(
    "csat_survey",
    "How content a customer is with the help that they got",
    _ASKED,
    (
        "How did we do{% if number %} ({{ number }}){% endif %}?",
        "Please tell us how content you are. It takes one click:\n{{ link }}",
    ),
    (
        "您對我們的服務滿意嗎？{% if number %}（{{ number }}）{% endif %}",
        "請告訴我們您的滿意程度，只需點一下：\n{{ link }}",
    ),
)
_NPS_SURVEY = mailed_template(
    "nps_survey",
    "How likely a customer recommends the tenant",
    _ASKED,
    (
        "Would you recommend us?",
        "Please tell us how likely you would recommend us. It takes one click:\n{{ link }}",
    ),
    (
        "您會推薦我們嗎？",
        "請告訴我們您有多大可能推薦我們，只需點一下：\n{{ link }}",
    ),
)

DESK_TEMPLATES: tuple[TemplateVersion, ...] = (
    _TICKET_ASSIGNED,
    _TICKET_ALERT,
    _DEADLINE_NEAR,
    _DEADLINE_BROKEN,
    _PROMISE_NEAR,
    _PROMISE_BROKEN,
    _CSAT_SURVEY,
    _NPS_SURVEY,
)
