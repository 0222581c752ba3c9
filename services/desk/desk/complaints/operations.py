"""What users and facts do to complaints; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from desk.colleagues.standing import unknown
from desk.complaint_causes.operations import require_cause
from desk.complaint_patterns.operations import NOTHING, count_alike
from desk.complaints.domain import Complaint, ComplaintStatus, Findings
from desk.complaints.storage import COMPLAINT_ONCE
from desk.ticket_facts.domain import TicketType
from desk.tickets.domain import Ticket
from desk.tickets.storage import within_reach
from desk.transaction import DeskTx


def record_complaint(
    tx: DeskTx, ticket_id: UUID, change: Callable[[Findings], Findings]
) -> Complaint:
    """Keep what is known of a complaint, before it is by itself.

    Raises `Invalid` for a ticket that is none or out of reach, `Conflict` when it is kept already.
    """
    try:
        ticket = within_reach(tx, ticket_id)
    except NotFound:
        message = f"There is no ticket {ticket_id}."
        raise Invalid.at("/ticket_id", "ticket_unknown", message) from None
    if ticket.type is not TicketType.COMPLAINT:
        message = "The ticket is no complaint: give it that type first."
        raise Invalid.at("/ticket_id", "ticket_no_complaint", message)
    tx.try_again_on(COMPLAINT_ONCE)
    if tx.complaints.of_ticket(ticket_id) is not None:
        raise Conflict("The ticket is a complaint already.", code="complaint_exists")
    findings = change(Findings(product_sku=ticket.product_sku))
    _require_known(tx, Findings(), findings)
    return _add(tx, ticket, findings, tx.clock.now())


def keep_complaint(tx: DeskTx, ticket_id: UUID, at: datetime) -> Complaint | None:
    """Keep a ticket that is a complaint as one, and of an open one about which product it is; once."""
    ticket = tx.tickets.whosever(ticket_id)
    if ticket is None:
        return None
    tx.try_again_on(COMPLAINT_ONCE)
    known = tx.complaints.of_ticket(ticket_id)
    if known is None:
        is_one = ticket.type is TicketType.COMPLAINT
        return _add(tx, ticket, Findings(product_sku=ticket.product_sku), at) if is_one else None
    if known.status is ComplaintStatus.OPEN and not known.findings.product_sku:
        before = known.values()
        known.change(_with_product(known.findings, ticket.product_sku), tx.clock.now())
        count_alike(tx, known, before)
    return known


def change_complaint(
    tx: DeskTx, complaint_id: UUID, change: Callable[[Findings], Findings]
) -> Complaint:
    """Note what was found out. Raises `NotFound`, `Invalid`, `Conflict` when it is not open."""
    complaint = _within_reach(tx, complaint_id)
    findings, before = change(complaint.findings), complaint.values()
    _require_known(tx, complaint.findings, findings)
    if complaint.change(findings, tx.clock.now()):
        count_alike(tx, complaint, before)
    return complaint


def close_complaint(tx: DeskTx, complaint_id: UUID) -> Complaint:
    """Settle a complaint. Raises `NotFound`, `Conflict` without cause and remedy."""
    complaint = _within_reach(tx, complaint_id)
    complaint.close(tx.caller.actor, tx.clock.now())
    return complaint


def reopen_complaint(tx: DeskTx, complaint_id: UUID) -> Complaint:
    """Look into a complaint again. Raises `NotFound`, `Conflict` when it is open."""
    complaint = _within_reach(tx, complaint_id)
    before = complaint.values()
    complaint.reopen(tx.clock.now())
    count_alike(tx, complaint, before)
    return complaint


def withdraw_complaint(tx: DeskTx, complaint_id: UUID, reason: str) -> Complaint:
    """Note that it was none. Raises `NotFound`, `Conflict` when it is not open."""
    complaint = _within_reach(tx, complaint_id)
    before = complaint.values()
    complaint.withdraw(reason, tx.clock.now())
    count_alike(tx, complaint, before)
    return complaint


def prevent_complaint(tx: DeskTx, complaint_id: UUID) -> Complaint:
    """Note that it is kept from happening again. Raises `NotFound`, `Conflict` when nothing was to be done."""
    complaint = _within_reach(tx, complaint_id)
    complaint.prevent(tx.clock.now())
    return complaint


def _add(tx: DeskTx, ticket: Ticket, findings: Findings, at: datetime) -> Complaint:
    complaint = Complaint(
        id=tx.ids.new(), ticket_id=ticket.id, findings=findings, opened_at=at, updated_at=at
    )
    complaint.open(ticket.person_id)
    tx.complaints.add(complaint)
    count_alike(tx, complaint, NOTHING)
    return complaint


def _within_reach(tx: DeskTx, complaint_id: UUID) -> Complaint:
    """The complaint. Raises `NotFound` when absent, or its ticket is out of reach."""
    complaint = tx.complaints.get(complaint_id)
    try:
        within_reach(tx, complaint.ticket_id)
    except NotFound:
        raise NotFound.of("complaint", complaint_id) from None
    return complaint


def _require_known(tx: DeskTx, before: Findings, findings: Findings) -> None:
    """Raise `Invalid` for a cause that is not in use, and for who is no user."""
    if findings.cause and findings.cause != before.cause:
        require_cause(tx, findings.cause)
    owner_id = findings.prevention.owner_id
    changed = owner_id != before.prevention.owner_id
    if owner_id is not None and changed and unknown(tx, [owner_id]):
        message = f"There is no user {owner_id}."
        raise Invalid.at("/prevention/owner_id", "user_unknown", message)


def _with_product(findings: Findings, product_sku: str) -> Findings:
    names = Findings.__dataclass_fields__
    return Findings(**{**{n: getattr(findings, n) for n in names}, "product_sku": product_sku})
