"""The first rules of the second series: those who may decide are told of what waits for them (NO-3, LO-13, SA-10).

Where nobody is named whom it waits for, all who hold the permission to decide are told: whoever comes first
decides. How far they hold it does not matter: what waits for a role is in reach of those who have the role, and
members of loyalty programs are everybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notifications.rules.domain import (
    HolderReach,
    OncePer,
    RecipientChoice,
    RecipientKind,
    RuleDefinition,
    VariableSource,
)
from rapport.loyalty.events.v1.adjustment_events_pb2 import AdjustmentRequested
from rapport.loyalty.events.v1.referral_events_pb2 import ReferralHeldBack
from rapport.loyalty.events.v1.velocity_events_pb2 import VelocityReviewOpened
from rapport.sales.events.v1.approval_events_pb2 import (
    ApprovalRequestStepApproved,
    ApprovalRequestSubmitted,
)
from rapport.sales.events.v1.quote_events_pb2 import (
    QuoteStepApproved,
    QuoteStepDropped,
    QuoteSubmitted,
)

FactClass = type[
    AdjustmentRequested
    | ApprovalRequestStepApproved
    | ApprovalRequestSubmitted
    | QuoteStepApproved
    | QuoteStepDropped
    | QuoteSubmitted
    | ReferralHeldBack
    | VelocityReviewOpened
]


def _asked(
    name: str,
    fact: FactClass,
    template: str,
    whom: RecipientChoice,
    variables: Mapping[str, str],
    condition: Mapping[str, Any] | None = None,
) -> RuleDefinition:
    """A rule that puts something into the inboxes of those who decide."""
    return RuleDefinition(
        name=name,
        fact_type=fact.DESCRIPTOR.full_name,
        template=template,
        channel="inbox",
        condition=condition or {},
        recipient=whom,
        variables={variable: VariableSource(path) for variable, path in variables.items()},
        # What comes back to those who decide waits for them again.
        once_per=OncePer.FACT,
    )


def _holders(permission: str, role_field: str = "") -> RecipientChoice:
    return RecipientChoice(
        RecipientKind.HOLDERS, role_field, permission=permission, reach=HolderReach.OWN
    )


_ROLE_FOR_REQUESTS = _holders("sales.approval_requests.approve", "request.awaited_role_id")
_ROLE_FOR_QUOTES = _holders("sales.quotes.approve", "quote.awaited_role_id")
_USER_FOR_QUOTES = RecipientChoice(RecipientKind.USER, "quote.awaited_user_id")
_REQUEST = {
    "approval_request_id": "request.approval_request_id",
    "type": "request.key",
    "amount": "request.amount",
}
_QUOTE = {"quote_id": "quote.quote_id", "number": "quote.number", "total": "quote.total"}
_STEPS: tuple[tuple[FactClass, str], ...] = (
    (QuoteSubmitted, "of quotes that wait for them"),
    (QuoteStepApproved, "next of quotes that wait for them"),
    (QuoteStepDropped, "of quotes that come to wait for them since a step fell away"),
)

DECISION_RULES = (
    _asked(
        "Tell those who may decide of points by hand that wait for a second person",
        AdjustmentRequested,
        "points_adjustment_waiting",
        _holders("loyalty.adjustments.approve"),
        {
            "adjustment_id": "adjustment_id",
            "points": "adjustment.points",
            "waits_until": "waits_until",
        },
        {"field": "waits_until", "operator": "exists", "value": True},
    ),
    _asked(
        "Tell those who may decide of what is held beyond a limit",
        VelocityReviewOpened,
        "velocity_review_waiting",
        _holders("loyalty.velocity_reviews.decide"),
        {"velocity_review_id": "velocity_review_id", "act": "velocity_review.act"},
        {
            "all": [
                {"field": "velocity_review.response", "operator": "is", "value": "hold"},
                # Of a referral that is held, by whatever it is, the next rule tells.
                {"field": "velocity_review.act", "operator": "is_not", "value": "referral"},
            ]
        },
    ),
    _asked(
        "Tell those who may decide of recommendations that are held",
        ReferralHeldBack,
        "referral_held",
        _holders("loyalty.referrals.review"),
        {"referral_id": "referral_id"},
    ),
    _asked(
        "Tell holders of a role of requests that wait for the role",
        ApprovalRequestSubmitted,
        "approval_requested",
        _ROLE_FOR_REQUESTS,
        _REQUEST,
    ),
    _asked(
        "Tell holders of a role of requests whose next step waits for the role",
        ApprovalRequestStepApproved,
        "approval_requested",
        _ROLE_FOR_REQUESTS,
        _REQUEST,
    ),
    *(
        _asked(f"Tell approvers {whom}", fact, "quote_approval_requested", _USER_FOR_QUOTES, _QUOTE)
        for fact, whom in _STEPS
    ),
    *(
        _asked(
            f"Tell holders of a role {whom}",
            fact,
            "quote_approval_requested",
            _ROLE_FOR_QUOTES,
            _QUOTE,
        )
        for fact, whom in _STEPS
    ),
)
