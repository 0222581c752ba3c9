"""What is known of a complaint besides its ticket: cause, remedy, cost, and how it is prevented (DE-11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Money


class ComplaintStatus(StrEnum):
    """How it stands; `withdrawn` was none."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Severity(StrEnum):
    """How bad it is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Remedy(StrEnum):
    """What the customer got; `UNDECIDED` until somebody has said, `NONE_DUE` for nothing."""

    UNDECIDED = ""
    NONE_DUE = "none"
    APOLOGY = "apology"
    REPAIR = "repair"
    REPLACEMENT = "replacement"
    REFUND = "refund"
    CREDIT = "credit"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Prevention:
    """What is to be done so that it does not happen again, by whom and by when."""

    action: str = ""
    owner_id: UUID | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything about a complaint that somebody may enter. `cause` is the key of a root cause."""

    category: str = ""
    severity: Severity = Severity.MEDIUM
    product_sku: str = ""
    process: str = ""
    cause: str = ""
    remedy: Remedy = Remedy.UNDECIDED
    remedy_text: str = ""
    cost: Money | None = None
    prevention: Prevention = Prevention()


@dataclass(frozen=True, slots=True)
class ComplaintFact(Fact):
    """Something happened to a complaint; `at` is when."""

    complaint: Complaint
    findings: Findings
    status: ComplaintStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class ComplaintRecorded(ComplaintFact):
    """A ticket is a complaint; `person_id` is whose, where that is known."""

    person_id: UUID | None


@dataclass(frozen=True, slots=True)
class ComplaintChanged(ComplaintFact):
    """Something about it is different: the fields that differ, sorted."""

    changed_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComplaintClosed(ComplaintFact):
    """What caused it is known, and what the customer got."""

    actor: str


@dataclass(frozen=True, slots=True)
class ComplaintReopened(ComplaintFact):
    """It is not settled after all."""


@dataclass(frozen=True, slots=True)
class ComplaintWithdrawn(ComplaintFact):
    """It was none."""


@dataclass(frozen=True, slots=True)
class ComplaintPrevented(ComplaintFact):
    """What was to be done so that it does not happen again is done."""


@dataclass(kw_only=True)
class Complaint(Aggregate):
    """A complaint, kept apart from the ticket that it was made by: for those who may look into causes.

    The ticket may be resolved while it is open; what the customer hears and what the house learns are
    two things. `closed_by` is who decided it.
    """

    ticket_id: UUID
    findings: Findings
    status: ComplaintStatus = ComplaintStatus.OPEN
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    closed_by: str = ""
    withdrawn_reason: str = ""
    prevented_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether it is one at all."""
        return self.status is not ComplaintStatus.WITHDRAWN

    def open(self, person_id: UUID | None) -> None:
        """Be known of, as this person's."""
        self.record(ComplaintRecorded(self, self.findings, self.status, self.opened_at, person_id))

    def change(self, findings: Findings, now: datetime) -> bool:
        """Find out more; tells whether anything differs. Raises `Conflict` when it is not open."""
        before = self.findings
        differing = tuple(
            sorted(
                name
                for name in Findings.__dataclass_fields__
                if getattr(before, name) != getattr(findings, name)
            )
        )
        if not differing:
            return False
        self._require_open()
        self.findings, self.updated_at = findings, now
        if before.prevention != findings.prevention:
            self.prevented_at = None
        self.record(ComplaintChanged(self, findings, self.status, now, differing))
        return True

    def close(self, actor: str, now: datetime) -> None:
        """Be settled. Raises `Conflict` without cause and remedy, and when it is not open."""
        self._require_open()
        if not self.findings.cause or self.findings.remedy is Remedy.UNDECIDED:
            message = "Say first what caused it, and what the customer got."
            raise Conflict(message, code="complaint_incomplete")
        self.status, self.closed_at, self.closed_by = ComplaintStatus.CLOSED, now, actor
        self.updated_at = now
        self.record(ComplaintClosed(self, self.findings, self.status, now, actor))

    def reopen(self, now: datetime) -> None:
        """Be looked into again. Raises `Conflict` when it is open."""
        if self.status is ComplaintStatus.OPEN:
            raise Conflict("The complaint is open.", code="complaint_not_in_state")
        self.status, self.closed_at, self.closed_by = ComplaintStatus.OPEN, None, ""
        self.withdrawn_reason, self.updated_at = "", now
        self.record(ComplaintReopened(*self._told(now)))

    def withdraw(self, reason: str, now: datetime) -> None:
        """Turn out to be none. Raises `Conflict` when it is not open."""
        self._require_open()
        self.status, self.withdrawn_reason = ComplaintStatus.WITHDRAWN, reason
        self.updated_at = now
        self.record(ComplaintWithdrawn(*self._told(now)))

    def prevent(self, now: datetime) -> bool:
        """Have done what keeps it from happening again, also when it is closed; tells whether it was not.

        Raises `Conflict` when nothing is to be done.
        """
        if not self.counts or not self.findings.prevention.action:
            message = "Nothing is to be done so that it does not happen again."
            raise Conflict(message, code="complaint_not_in_state")
        if self.prevented_at is not None:
            return False
        self.prevented_at = self.updated_at = now
        self.record(ComplaintPrevented(*self._told(now)))
        return True

    def values(self) -> Mapping[str, str]:
        """What it may have in common with others, by dimension; without what is not known."""
        found = self.findings
        named = {"product": found.product_sku, "cause": found.cause, "process": found.process}
        return {name: value for name, value in named.items() if value and self.counts}

    def _require_open(self) -> None:
        if self.status is not ComplaintStatus.OPEN:
            message = f"The complaint is {self.status}: reopen it first."
            raise Conflict(message, code="complaint_not_in_state")

    def _told(self, now: datetime) -> tuple[Any, ...]:
        return self, self.findings, self.status, now
