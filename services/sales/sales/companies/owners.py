"""Whose company a company is, as contacts says (SA-3)."""

from __future__ import annotations

from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork


def owner_of(reading: Reading | UnitOfWork, company_id: UUID | None) -> UUID | None:
    """The user whose account a company is; None for nobody's, an unknown one, one put away."""
    if company_id is None:
        return None
    about = {"tenant_id": reading.caller.tenant_id, "company_id": company_id}
    row = reading.fetch_one(_OWNER, about)
    return None if row is None else row["owner_id"]


_OWNER = Statement(
    "SELECT owner_id FROM company_owners WHERE tenant_id = %(tenant_id)s"
    " AND company_id = %(company_id)s AND NOT archived"
)
