"""Reads members' codes, and whose a code is before anything else is known."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.database import Database
from chassis.storage.listing import Listing, ListSpec, boolean_filter, time_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from loyalty.referral_codes.domain import ReferralCode
from loyalty.referral_codes.models import shown
from loyalty.referral_codes.storage import code_of, referral_codes

_columns = referral_codes.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

REFERRAL_CODES = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="-created_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "member_id": uuid_filter(_columns.member_id),
        "person_id": uuid_filter(_columns.person_id),
        "enabled": boolean_filter(_columns.enabled),
        "created_at": time_filter(_columns.created_at),
    },
)


def list_codes(reading: Reading, listing: Listing, public_url: str) -> dict[str, Any]:
    """A page of codes."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(
        reading.connection, mine, lambda row: shown(code_of(dict(row._mapping)), public_url)
    )


def get_code(reading: Reading, code_id: UUID, public_url: str) -> dict[str, Any]:
    """A code as the API shows one. Raises `NotFound`."""
    statement = _all.where(_columns.tenant_id == reading.caller.tenant_id, _columns.id == code_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("referral code", code_id)
    return shown(code_of(row), public_url)


def find_code(reading: Reading, code: str) -> ReferralCode | None:
    """The code that somebody has, in its normal form; None when there is none in this tenant."""
    row = reading.fetch_one(_BY_CODE, {"tenant_id": reading.caller.tenant_id, "code": code})
    return None if row is None else code_of(row)


def tenant_of_code(database: Database, code: str) -> UUID | None:
    """Whose a code is, asked as the system login; None for one that nobody has."""
    with database.system_transaction() as connection:
        asked = sa.select(_columns.tenant_id).where(_columns.code == code)
        found: UUID | None = connection.execute(asked).scalar()
        return found


_BY_CODE = Statement.of(
    _all.where(
        _columns.tenant_id == sa.bindparam("tenant_id"), _columns.code == sa.bindparam("code")
    )
)
