"""Complaints as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.money import MoneyIn, MoneyOut, money_out, worth_in
from desk.clocks.models import Day
from desk.complaints.domain import (
    Complaint,
    ComplaintStatus,
    Findings,
    Prevention,
    Remedy,
    Severity,
)
from desk.names import Reason, Sku

Word = Annotated[str, Field(max_length=100)]
Words = Annotated[str, Field(max_length=5_000)]
CauseKey = Annotated[str, Field(max_length=50, pattern="^([a-z][a-z0-9_]*)?$")]


class PreventionModel(Body):
    """What is to be done so that it does not happen again, by whom and by when."""

    action: Words = ""
    owner_id: UUID | None = None
    due_on: Day | None = None


class FindingsIn(Body):
    """What is known of a complaint.

    `cause` is the key of a root cause; empty while it is not known. `remedy` is `none` when the
    customer is to get nothing, and empty while that is undecided.
    """

    category: Word = ""
    severity: Severity = Severity.MEDIUM
    product_sku: Sku = ""
    process: Word = ""
    cause: CauseKey = ""
    remedy: Remedy = Remedy.UNDECIDED
    remedy_text: Words = ""
    cost: MoneyIn | None = None
    prevention: PreventionModel = PreventionModel()


class ComplaintIn(FindingsIn):
    """A complaint of a ticket of that type, before it is kept by itself."""

    ticket_id: UUID


class ComplaintPatch(Patch):
    """What was found out; the prevention changes as a whole."""

    category: Word = ""
    severity: Severity = Severity.MEDIUM
    product_sku: Sku = ""
    process: Word = ""
    cause: CauseKey = ""
    remedy: Remedy = Remedy.UNDECIDED
    remedy_text: Words = ""
    cost: MoneyIn | None = None
    prevention: PreventionModel = PreventionModel()


class WithdrawalIn(Body):
    """Why it was no complaint."""

    reason: Reason


class PreventionOut(BaseModel):
    """What is to be done so that it does not happen again, by whom and by when."""

    action: str
    owner_id: UUID | None
    due_on: date | None


class ComplaintOut(BaseModel):
    """A complaint. `prevented_at` is when that was done which keeps it from happening again."""

    id: UUID
    version: int
    ticket_id: UUID
    status: ComplaintStatus
    category: str
    severity: Severity
    product_sku: str
    process: str
    cause: str
    remedy: Remedy
    remedy_text: str
    cost: MoneyOut | None
    prevention: PreventionOut
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    closed_by: str
    withdrawn_reason: str
    prevented_at: datetime | None


def changed_by(body: FindingsIn | ComplaintPatch, findings: Findings) -> Findings:
    """The findings with what a body mentions."""
    names = set(body.model_fields_set) & set(Findings.__dataclass_fields__)
    stated: dict[str, Any] = {name: getattr(body, name) for name in names}
    if "cost" in stated:
        stated["cost"] = None if body.cost is None else worth_in(body.cost, "/cost")
    if "prevention" in stated:
        stated["prevention"] = Prevention(**body.prevention.model_dump())
    before = {name: getattr(findings, name) for name in Findings.__dataclass_fields__}
    return Findings(**{**before, **stated})


def shown(complaint: Complaint) -> dict[str, Any]:
    """A complaint as the API shows one."""
    found = complaint.findings
    own = set(ComplaintOut.model_fields) - set(Findings.__dataclass_fields__)
    names = set(Findings.__dataclass_fields__) - {"cost", "prevention"}
    parts = PreventionOut.model_fields
    return {
        **{name: getattr(complaint, name) for name in own},
        **{name: getattr(found, name) for name in names},
        "cost": None if found.cost is None else money_out(found.cost),
        "prevention": {name: getattr(found.prevention, name) for name in parts},
    }
