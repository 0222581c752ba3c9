"""Facts about requests for approval to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import approval_events_pb2 as events
from rapport.sales.v1.approval_pb2 import ApprovalRequestReference
from sales.approval_requests import domain
from sales.encoding import id_or_none, money_or_none
from sales.quote_approvals.domain import Approvers


def _reference(request: domain.Awaiting) -> ApprovalRequestReference:
    awaited = request.approvers or Approvers()
    return ApprovalRequestReference(
        approval_request_id=str(request.approval_request_id),
        approval_type_id=str(request.approval_type_id),
        key=request.key,
        requester_id=str(request.requester_id),
        opportunity_id=id_or_none(request.opportunity_id),
        amount=money_or_none(request.amount),
        awaited_role_id=id_or_none(awaited.role_id),
        awaited_user_id=id_or_none(awaited.user_id),
        deputy_id=id_or_none(awaited.deputy_id),
    )


def _submitted(fact: domain.ApprovalRequestSubmitted) -> events.ApprovalRequestSubmitted:
    return events.ApprovalRequestSubmitted(request=_reference(fact.request))


def _step_approved(fact: domain.ApprovalRequestStepApproved) -> events.ApprovalRequestStepApproved:
    return events.ApprovalRequestStepApproved(request=_reference(fact.request))


def _approved(fact: domain.ApprovalRequestApproved) -> events.ApprovalRequestApproved:
    return events.ApprovalRequestApproved(request=_reference(fact.request))


def _rejected(fact: domain.ApprovalRequestRejected) -> events.ApprovalRequestRejected:
    return events.ApprovalRequestRejected(request=_reference(fact.request))


def _returned(fact: domain.ApprovalRequestReturned) -> events.ApprovalRequestReturned:
    return events.ApprovalRequestReturned(request=_reference(fact.request))


def _withdrawn(fact: domain.ApprovalRequestWithdrawn) -> events.ApprovalRequestWithdrawn:
    return events.ApprovalRequestWithdrawn(request=_reference(fact.request))


def _overdue(fact: domain.ApprovalRequestTimeExceeded) -> events.ApprovalRequestTimeExceeded:
    about = _reference(fact.request)
    return events.ApprovalRequestTimeExceeded(request=about, max_days=fact.max_days)


APPROVAL_REQUEST_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.ApprovalRequestSubmitted: _submitted,
    domain.ApprovalRequestStepApproved: _step_approved,
    domain.ApprovalRequestApproved: _approved,
    domain.ApprovalRequestRejected: _rejected,
    domain.ApprovalRequestReturned: _returned,
    domain.ApprovalRequestWithdrawn: _withdrawn,
    domain.ApprovalRequestTimeExceeded: _overdue,
}
