"""What a company is, what may happen to one, and where it stands in its tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation
from contacts.contact_points.domain import Address, EmailPoint, ExternalId, Handle, PhonePoint
from contacts.people.domain import differing_fields

MAX_LEVELS = 10
"""How many companies may stand one below the other, the uppermost included."""


@dataclass(frozen=True, slots=True)
class CompanyDetails:
    """Everything about a company that somebody may enter.

    `name` is what everybody calls it (the trade name), `legal_name` what the register does;
    `domain` is where its web site and its mail are.
    """

    name: str = ""
    legal_name: str = ""
    domain: str = ""
    industry: str = ""
    employee_count: int | None = None
    emails: tuple[EmailPoint, ...] = ()
    phones: tuple[PhonePoint, ...] = ()
    handles: tuple[Handle, ...] = ()
    postal_addresses: tuple[Address, ...] = ()
    tags: tuple[str, ...] = ()
    owner_id: UUID | None = None
    source: str = ""
    parent_company_id: UUID | None = None
    external_ids: tuple[ExternalId, ...] = ()
    custom_fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompanyCreated(Fact):
    """A company is known for the first time."""

    company_id: UUID
    details: CompanyDetails


@dataclass(frozen=True, slots=True)
class CompanyChanged(Fact):
    """Something about a company is different now."""

    company_id: UUID
    changed_fields: tuple[str, ...]
    before: CompanyDetails
    after: CompanyDetails


@dataclass(frozen=True, slots=True)
class CompanyArchived(Fact):
    """A company was put away."""

    company_id: UUID


@dataclass(frozen=True, slots=True)
class CompanyRestored(Fact):
    """An archived company is back in use."""

    company_id: UUID
    details: CompanyDetails


@dataclass(kw_only=True)
class Company(Aggregate):
    """One organisation that the tenant knows."""

    details: CompanyDetails
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @classmethod
    def create(cls, company_id: UUID, details: CompanyDetails, now: datetime) -> Company:
        """A new company. Raises `Invalid` when it has no name."""
        _require_name(details)
        company = cls(id=company_id, details=details, created_at=now, updated_at=now)
        company.record(CompanyCreated(company_id, details))
        return company

    def change(self, details: CompanyDetails, now: datetime) -> None:
        """Take over `details`; nothing happens when nothing differs.

        Raises `Conflict` for an archived company, `Invalid` when it would have no name.
        """
        if self.archived_at is not None:
            raise Conflict("The company is archived; restore it first.", code="archived")
        _require_name(details)
        changed = differing_fields(self.details, details)
        if not changed:
            return
        before, self.details, self.updated_at = self.details, details, now
        self.record(CompanyChanged(self.id, changed, before, details))

    def archive(self, now: datetime) -> None:
        """Put away; a second time is no error. Companies below stay as they are."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(CompanyArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Take back into use; nothing happens to a company that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(CompanyRestored(self.id, self.details))


def require_place(company_id: UUID | None, path: Sequence[UUID], levels_below: int) -> None:
    """Check that a company may stand below others.

    `path` leads from its parent up to the uppermost company; `levels_below` is how many levels
    hang below it already. `company_id` is None for a new one. Raises `Conflict` for a circle and
    for a tree that would have more than `MAX_LEVELS`.
    """
    if company_id in path:
        raise _misplaced("company_cycle", "A company cannot stand below itself.")
    if len(path) + 1 + levels_below > MAX_LEVELS:
        message = f"At most {MAX_LEVELS} companies can stand one below the other."
        raise _misplaced("company_tree_too_deep", message)


def _misplaced(code: str, message: str) -> Conflict:
    violation = Violation("/parent_company_id", code, message)
    return Conflict(message, code=code, violations=(violation,))


def _require_name(details: CompanyDetails) -> None:
    if not details.name:
        raise Invalid.at("/name", "name_missing", "A name or a legal name is needed.")
