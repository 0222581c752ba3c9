"""Complaints over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.complaints import operations, queries
from desk.complaints.domain import Complaint
from desk.complaints.models import (
    ComplaintIn,
    ComplaintOut,
    ComplaintPatch,
    WithdrawalIn,
    changed_by,
    shown,
)
from desk.complaints.report import ComplaintReportOut, ComplaintReportQuery, complaint_report
from desk.transaction import DeskTx

READ = "desk.complaints.read"
WRITE = "desk.complaints.write"
_ONE = "/<uuid:complaint_id>"

complaints = Routes("/v1/desk/complaints", tag="complaints")
complaint_reports = Routes("/v1/desk/complaint-report", tag="complaints")


@complaints.get("", permission=READ, listing=queries.COMPLAINTS, returns=ComplaintOut)
def list_complaints(call: Call[DeskTx], listing: Listing) -> Reply:
    """List complaints whose tickets are within reach, the latest first."""
    return Reply(call.read(queries.list_complaints, listing))


@complaints.post(
    "", permission=WRITE, body=ComplaintIn, returns=ComplaintOut, status=201, problems=(409,)
)
def record_complaint(call: Call[DeskTx], body: ComplaintIn) -> Response:
    """Keep a ticket of the type complaint as one, with what is known; soon it would be by itself."""

    def reply(_tx: DeskTx, complaint: Complaint) -> Reply:
        location = f"{complaints.prefix}/{complaint.id}"
        return Reply.created(location, shown(complaint), complaint.version)

    return call.run(
        lambda tx: operations.record_complaint(
            tx, body.ticket_id, lambda findings: changed_by(body, findings)
        ),
        reply,
    )


@complaints.get(_ONE, permission=READ, returns=ComplaintOut)
def get_complaint(call: Call[DeskTx], complaint_id: UUID) -> Reply:
    """Get a complaint."""
    complaint = call.read(queries.get_complaint, complaint_id)
    return Reply(complaint, version=complaint["version"])


@complaints.patch(
    _ONE, permission=WRITE, body=ComplaintPatch, returns=ComplaintOut, problems=(409,)
)
def change_complaint(call: Call[DeskTx], body: ComplaintPatch, complaint_id: UUID) -> Response:
    """Note what was found out about a complaint."""
    return call.run(
        lambda tx: operations.change_complaint(
            tx, complaint_id, lambda findings: changed_by(body, findings)
        ),
        _shown,
    )


@complaints.post(
    f"{_ONE}/close", permission=WRITE, returns=ComplaintOut, conditional=True, problems=(409,)
)
def close_complaint(call: Call[DeskTx], complaint_id: UUID) -> Response:
    """Settle a complaint, once its cause is known and what the customer gets."""
    return call.run(lambda tx: operations.close_complaint(tx, complaint_id), _shown)


@complaints.post(
    f"{_ONE}/reopen", permission=WRITE, returns=ComplaintOut, conditional=True, problems=(409,)
)
def reopen_complaint(call: Call[DeskTx], complaint_id: UUID) -> Response:
    """Look into a complaint again that was settled or withdrawn."""
    return call.run(lambda tx: operations.reopen_complaint(tx, complaint_id), _shown)


@complaints.post(
    f"{_ONE}/withdraw",
    permission=WRITE,
    body=WithdrawalIn,
    returns=ComplaintOut,
    conditional=True,
    problems=(409,),
)
def withdraw_complaint(call: Call[DeskTx], body: WithdrawalIn, complaint_id: UUID) -> Response:
    """Note that it was no complaint; it counts nowhere any more."""
    asked = (complaint_id, body.reason)
    return call.run(lambda tx: operations.withdraw_complaint(tx, *asked), _shown)


@complaints.post(
    f"{_ONE}/prevented", permission=WRITE, returns=ComplaintOut, conditional=True, problems=(409,)
)
def prevent_complaint(call: Call[DeskTx], complaint_id: UUID) -> Response:
    """Note that that was done which keeps it from happening again."""
    return call.run(lambda tx: operations.prevent_complaint(tx, complaint_id), _shown)


@complaint_reports.get(
    "", permission=READ, query=ComplaintReportQuery, returns=ComplaintReportOut, problems=(422,)
)
def get_complaint_report(call: Call[DeskTx], query: ComplaintReportQuery) -> Reply:
    """Get what complaints of some days were about, and what they have cost."""
    return Reply(call.read(complaint_report, query))


def _shown(_tx: DeskTx, complaint: Complaint) -> Reply:
    return Reply(shown(complaint), version=complaint.version)
