"""The rules that a tenant starts with: people who sell or serve are told what they wait for (NO-3).

Those that write to members of loyalty programs are there to be switched on: nobody writes to a tenant's
customers before the tenant wants it.
"""

from __future__ import annotations

from notifications.rules.domain import (
    OncePer,
    RecipientChoice,
    RecipientKind,
    RuleDefinition,
    VariableSource,
)
from rapport.desk.events.v1.automation_events_pb2 import TicketAlertRaised
from rapport.desk.events.v1.clock_events_pb2 import ServiceLevelBreached, ServiceLevelWarned
from rapport.desk.events.v1.promise_events_pb2 import PromiseBroken, PromiseReminded
from rapport.desk.events.v1.ticket_events_pb2 import TicketAssigned
from rapport.loyalty.events.v1.occasion_events_pb2 import OccasionReached
from rapport.loyalty.events.v1.tier_standing_events_pb2 import TierReached
from rapport.sales.events.v1.activity_events_pb2 import ActivityReminderReached
from rapport.sales.events.v1.approval_events_pb2 import (
    ApprovalRequestStepApproved,
    ApprovalRequestSubmitted,
)
from rapport.sales.events.v1.assignment_events_pb2 import LeadAssigned, LeadFirstContactMissed
from rapport.sales.events.v1.collaboration_events_pb2 import ColleagueMentioned
from rapport.sales.events.v1.quote_events_pb2 import QuoteAccepted, QuoteRejected

FactClass = type[
    ActivityReminderReached
    | ApprovalRequestStepApproved
    | ApprovalRequestSubmitted
    | ColleagueMentioned
    | LeadAssigned
    | LeadFirstContactMissed
    | PromiseBroken
    | PromiseReminded
    | QuoteAccepted
    | QuoteRejected
    | ServiceLevelBreached
    | ServiceLevelWarned
    | TicketAlertRaised
    | TicketAssigned
]


def _told(name: str, fact: FactClass, template: str, whom: str, **fields: str) -> RuleDefinition:
    """A rule that puts something into the inbox of the user whose id is in the field `whom`."""
    return RuleDefinition(
        name=name,
        fact_type=fact.DESCRIPTOR.full_name,
        template=template,
        channel="inbox",
        recipient=RecipientChoice(RecipientKind.USER, whom),
        variables={variable: VariableSource(path) for variable, path in fields.items()},
        # What happens to one thing again, such as a lead that comes back, is news again.
        once_per=OncePer.FACT,
    )


_QUOTE = {"quote_id": "quote.quote_id", "number": "quote.number", "total": "quote.total"}
_REQUEST = {
    "approval_request_id": "request.approval_request_id",
    "type": "request.key",
    "amount": "request.amount",
}

_TICKET = {"ticket_id": "ticket_id", "number": "ticket.number"}

FIRST_RULES = (
    _told(
        "Tell people of the leads that they are given",
        LeadAssigned,
        "lead_assigned",
        "lead.owner_id",
        lead_id="lead.lead_id",
        contact_due_at="contact_due_at",
    ),
    _told(
        "Tell people of first contacts that they have missed",
        LeadFirstContactMissed,
        "first_contact_missed",
        "promised_by_user_id",
        lead_id="lead.lead_id",
        contact_due_at="contact_due_at",
    ),
    _told(
        "Tell owners of quotes that were accepted",
        QuoteAccepted,
        "quote_accepted",
        "quote.owner_id",
        **_QUOTE,
    ),
    _told(
        "Tell owners of quotes that were rejected",
        QuoteRejected,
        "quote_rejected",
        "quote.owner_id",
        **_QUOTE,
    ),
    _told(
        "Tell approvers of what waits for them",
        ApprovalRequestSubmitted,
        "approval_requested",
        "request.awaited_user_id",
        **_REQUEST,
    ),
    _told(
        "Tell the next approvers of what waits for them",
        ApprovalRequestStepApproved,
        "approval_requested",
        "request.awaited_user_id",
        **_REQUEST,
    ),
    _told(
        "Tell people that they were mentioned",
        ColleagueMentioned,
        "colleague_mentioned",
        "user_id",
        opportunity_id="opportunity_id",
    ),
    _told(
        "Remind people of their activities",
        ActivityReminderReached,
        "activity_reminder",
        "activity.owner_id",
        activity_id="activity_id",
        due_at="activity.due_at",
    ),
    _told(
        "Warn people of deadlines of their tickets",
        ServiceLevelWarned,
        "service_level_warned",
        "ticket.assignee_id",
        due_at="due_at",
        **_TICKET,
    ),
    _told(
        "Tell people of deadlines of their tickets that have passed",
        ServiceLevelBreached,
        "service_level_breached",
        "ticket.assignee_id",
        due_at="due_at",
        **_TICKET,
    ),
    _told(
        "Remind people of what they have promised to customers",
        PromiseReminded,
        "promise_reminder",
        "promise.user_id",
        due_at="promise.due_at",
        **_TICKET,
    ),
    _told(
        "Tell people of promises to customers that they have broken",
        PromiseBroken,
        "promise_broken",
        "promise.user_id",
        due_at="promise.due_at",
        **_TICKET,
    ),
)
"""In the inbox alone, which disturbs nobody; whoever wants pushes or chat changes the channel."""

DESK_RULES = (
    _told(
        "Tell people of the tickets that they are given",
        TicketAssigned,
        "ticket_assigned",
        "ticket.assignee_id",
        ticket_id="ticket_id",
        number="ticket.number",
    ),
    _told(
        "Tell people of the tickets that they are to look at",
        TicketAlertRaised,
        "ticket_alert",
        "user_id",
        ticket_id="ticket_id",
        number="ticket.number",
        source="source",
    ),
)
"""Likewise, for people who take care of tickets."""

MEMBER_RULES = (
    RuleDefinition(
        name="Wish members a happy birthday",
        fact_type=OccasionReached.DESCRIPTOR.full_name,
        template="birthday_gift",
        channel="email",
        condition={"field": "date_kind", "operator": "is", "value": "birthday"},
        variables={"points": VariableSource("points")},
        once_per=OncePer.FACT,
        enabled=False,
    ),
    RuleDefinition(
        name="Tell members of the tier that they have reached",
        fact_type=TierReached.DESCRIPTOR.full_name,
        template="tier_reached",
        channel="email",
        variables={"tier": VariableSource("tier")},
        once_per=OncePer.FACT,
        enabled=False,
    ),
)
"""By mail, to members; what else loyalty tells them it asks for by itself, by the names that it is given."""
