"""Reads the tiers of programs, straight to the response, and for whoever goes by them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.domain import NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.tiers.domain import TierScheme
from loyalty.tiers.models import shown, terms_out
from loyalty.tiers.storage import read, scheme_of


def scheme_or_none(reading: Reading | UnitOfWork, program_id: UUID) -> TierScheme | None:
    """The tiers of a program as they are now, to go by and not to change; None without any."""
    row = reading.fetch_one(_ONE, {"tenant_id": reading.caller.tenant_id, "id": program_id})
    return None if row is None else scheme_of(row)


def get_tiers(reading: Reading, program_id: UUID) -> dict[str, Any]:
    """The tiers of a program as the API shows them. Raises `NotFound`."""
    scheme = scheme_or_none(reading, program_id)
    if scheme is None:
        raise NotFound(f"There are no tiers of program {program_id}.")
    return shown(scheme)


def list_revisions(reading: Reading, program_id: UUID) -> dict[str, Any]:
    """All tiers that a program ever had. Raises `NotFound` when it never had any."""
    about = {"tenant_id": reading.caller.tenant_id, "id": program_id}
    rows = reading.fetch_all(_REVISIONS, about)
    if not rows:
        raise NotFound(f"There are no tiers of program {program_id}.")
    own = ("revision", "valid_from", "changed_by")
    return {
        "items": [
            {**{name: row[name] for name in own}, **terms_out(read(row["terms"]))} for row in rows
        ]
    }


_ONE = Statement(
    "SELECT id, version, revision, terms, created_at, updated_at FROM tier_schemes"
    " WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_REVISIONS = Statement(
    "SELECT revision, terms, valid_from, changed_by FROM tier_revisions"
    " WHERE tenant_id = %(tenant_id)s AND program_id = %(id)s ORDER BY revision DESC"
)
