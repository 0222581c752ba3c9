"""Reads referral terms, straight to the response, and what other slices go by."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.programs.queries import program
from loyalty.referral_terms.domain import ReferralTerms
from loyalty.referral_terms.models import shown
from loyalty.referral_terms.storage import referral_terms, terms_of

_ONE = Statement.of(
    sa.select(referral_terms).where(
        referral_terms.c.tenant_id == sa.bindparam("tenant_id"),
        referral_terms.c.id == sa.bindparam("id"),
    )
)


def find_terms(reading: Reading | UnitOfWork, program_id: UUID) -> ReferralTerms | None:
    """What a program gives for recommendations; None when nothing was set."""
    row = reading.fetch_one(_ONE, {"tenant_id": reading.caller.tenant_id, "id": program_id})
    return None if row is None else terms_of(row)


def get_terms(reading: Reading, program_id: UUID) -> dict[str, Any]:
    """The terms as the API shows them. Raises `NotFound`, also when nothing was set."""
    of = program(reading, program_id)
    terms = find_terms(reading, program_id)
    if terms is None:
        raise NotFound("The program has no terms for referrals yet.")
    return shown(terms, of.terms.currency)
