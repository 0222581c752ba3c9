"""What a company is found by as somebody types (CO-6)."""

from __future__ import annotations

from typing import NamedTuple

from contacts.companies.domain import Company, CompanyDetails
from contacts.search.storage import NOT_FOUND
from contacts.search.terms import IndexEntry, index_terms


class CompanyState(NamedTuple):
    """What decides what a company is found by."""

    details: CompanyDetails
    archived: bool

    @classmethod
    def of(cls, company: Company) -> CompanyState:
        """How a company is now."""
        return cls(company.details, company.archived_at is not None)


def entry_of(state: CompanyState) -> IndexEntry:
    """What a company is found by."""
    details = state.details
    if state.archived:
        return NOT_FOUND
    own = (f"@{details.domain}",) if details.domain else ()
    return index_terms(
        (details.name, details.legal_name),
        (*own, *(point.address for point in details.emails)),
        (point.number for point in details.phones),
    )
