"""How members' codes are kept: a row each, in plain, since they are there to be handed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from loyalty.referral_codes.domain import ReferralCode

MEMBER_ONCE, CODE_UNIQUE = "referral_codes_member_once", "referral_codes_unique"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

referral_codes = sa.Table(
    "referral_codes",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("member_id", _uuid, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("code", _word, nullable=False),
    sa.Column("shown_name", sa.Text, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
_OWN = tuple(c.name for c in referral_codes.c if c.name not in ("tenant_id", "id", "version"))


class ReferralCodesRepository(Repository[ReferralCode]):
    """Members' codes for a change."""

    table = referral_codes
    kind = "referral code"

    def of_member(self, member_id: UUID) -> ReferralCode | None:
        """The member's code, locked; None without one."""
        about = {"tenant_id": self._tx.tenant_id, "member_id": member_id}
        row = self._tx.fetch_one(_OF_MEMBER, about)
        return None if row is None else self.get(row["id"])

    def by_code(self, code: str) -> ReferralCode | None:
        """The code that somebody has, locked; None when there is none in this tenant."""
        row = self._tx.fetch_one(_BY_CODE, {"tenant_id": self._tx.tenant_id, "code": code})
        return None if row is None else self.get(row["id"])

    def _aggregate(self, row: sa.RowMapping) -> ReferralCode:
        return code_of(row)

    def _row(self, aggregate: ReferralCode) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _OWN}


def code_of(row: Mapping[str, Any] | sa.RowMapping) -> ReferralCode:
    """The code that a row of the table stands for."""
    return ReferralCode(**{name: row[name] for name in ("id", "version", *_OWN)})


_OF_MEMBER = Statement(
    "SELECT id FROM referral_codes WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s"
)
_BY_CODE = Statement(
    "SELECT id FROM referral_codes WHERE tenant_id = %(tenant_id)s AND code = %(code)s"
)
