"""Requests for approval over REST."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.approval_requests import operations, queries
from sales.approval_requests.domain import ApprovalRequest
from sales.approval_requests.models import (
    ApprovalRequestIn,
    ApprovalRequestOut,
    AskedIn,
    DecisionIn,
    ListedApprovalRequestOut,
    ObjectionIn,
    asked_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.approval_requests.read"
WRITE = "sales.approval_requests.write"
APPROVE = "sales.approval_requests.approve"

approval_requests = Routes("/v1/sales/approval-requests", tag="approval requests")


@approval_requests.get(
    "", permission=READ, listing=queries.APPROVAL_REQUESTS, returns=ListedApprovalRequestOut
)
def list_approval_requests(call: Call[SalesTx], listing: Listing) -> Reply:
    """List what was asked for, the latest first."""
    return Reply(call.read(queries.list_requests, listing))


@approval_requests.get(
    "/awaiting-me", permission=APPROVE, listing=queries.AWAITING, returns=ListedApprovalRequestOut
)
def list_requests_awaiting_me(call: Call[SalesTx], listing: Listing) -> Reply:
    """List what the caller can decide on today, what has waited longest first."""
    return Reply(call.read(queries.list_awaiting, listing))


@approval_requests.post(
    "",
    permission=WRITE,
    body=ApprovalRequestIn,
    returns=ApprovalRequestOut,
    status=201,
    problems=(403, 409),
)
def submit_approval_request(call: Call[SalesTx], body: ApprovalRequestIn) -> Response:
    """Ask for something; it takes the steps that its type and its amount call for."""
    asked = asked_in(body)

    def reply(_tx: SalesTx, one: ApprovalRequest) -> Reply:
        return Reply.created(f"{approval_requests.prefix}/{one.id}", shown(one), one.version)

    return call.run(lambda tx: operations.submit_request(tx, body.approval_type_id, asked), reply)


@approval_requests.get("/<uuid:approval_request_id>", permission=READ, returns=ApprovalRequestOut)
def get_approval_request(call: Call[SalesTx], approval_request_id: UUID) -> Reply:
    """Get a request with its steps and its history; those who approve it may, too."""
    found = call.read(queries.get_request, approval_request_id)
    return Reply(found, version=found["version"])


@approval_requests.post(
    "/<uuid:approval_request_id>/resubmit",
    permission=WRITE,
    body=AskedIn,
    returns=ApprovalRequestOut,
    conditional=True,
    problems=(403, 409),
)
def resubmit_approval_request(
    call: Call[SalesTx], body: AskedIn, approval_request_id: UUID
) -> Response:
    """Ask in another way for what was returned; all steps begin anew."""
    asked = asked_in(body)
    return _run(call, lambda tx: operations.resubmit_request(tx, approval_request_id, asked))


@approval_requests.post(
    "/<uuid:approval_request_id>/withdraw",
    permission=WRITE,
    returns=ApprovalRequestOut,
    conditional=True,
    problems=(403, 409),
)
def withdraw_approval_request(call: Call[SalesTx], approval_request_id: UUID) -> Response:
    """Ask for something no more that was not decided yet."""
    return _run(call, lambda tx: operations.withdraw_request(tx, approval_request_id))


@approval_requests.post(
    "/<uuid:approval_request_id>/approve",
    permission=APPROVE,
    body=DecisionIn,
    returns=ApprovalRequestOut,
    conditional=True,
    problems=(409,),
)
def approve_request(call: Call[SalesTx], body: DecisionIn, approval_request_id: UUID) -> Response:
    """Take the next step. 403 for whoever it is not for, or asks for it themselves."""
    return _run(call, lambda tx: operations.approve_request(tx, approval_request_id, body.comment))


@approval_requests.post(
    "/<uuid:approval_request_id>/reject",
    permission=APPROVE,
    body=ObjectionIn,
    returns=ApprovalRequestOut,
    conditional=True,
    problems=(409,),
)
def reject_request(call: Call[SalesTx], body: ObjectionIn, approval_request_id: UUID) -> Response:
    """Say no, for good."""
    return _run(call, lambda tx: operations.reject_request(tx, approval_request_id, body.comment))


@approval_requests.post(
    "/<uuid:approval_request_id>/return",
    permission=APPROVE,
    body=ObjectionIn,
    returns=ApprovalRequestOut,
    conditional=True,
    problems=(409,),
)
def return_request(call: Call[SalesTx], body: ObjectionIn, approval_request_id: UUID) -> Response:
    """Send a request back, to be asked in another way."""
    return _run(call, lambda tx: operations.return_request(tx, approval_request_id, body.comment))


def _run(call: Call[SalesTx], operation: Callable[[SalesTx], ApprovalRequest]) -> Response:
    return call.run(operation, lambda _tx, one: Reply(shown(one), version=one.version))
