"""How adjustments are kept: a row each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from loyalty.adjustments.domain import Adjustment, AdjustmentState

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

adjustments = sa.Table(
    "adjustments",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("member_id", _uuid, nullable=False),
    sa.Column("points", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("expires_at", _time),
    sa.Column("state", _word, nullable=False),
    sa.Column("asked_by", _word, nullable=False),
    sa.Column("asked_on", sa.Date, nullable=False),
    sa.Column("waits_until", _time),
    sa.Column("decided_by", _word),
    sa.Column("decided_at", _time),
    sa.Column("decision_reason", sa.Text, nullable=False),
    sa.Column("transaction_id", _uuid),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
_OWN = tuple(
    column.name for column in adjustments.c if column.name not in ("tenant_id", "id", "version")
)


class AdjustmentsRepository(Repository[Adjustment]):
    """Adjustments for a change."""

    table = adjustments
    kind = "adjustment"

    def asked_before(self, program_id: UUID, member_id: UUID, asker: str, on: date) -> int:
        """How many points somebody asked to move of a member on a day, up or down, that still count.

        Askings of one user in a program take turns until the transaction ends, so that two at once do
        not stay under the limit each.
        """
        about = {
            "tenant_id": self._tx.tenant_id,
            "program_id": program_id,
            "member_id": member_id,
            "asked_by": asker,
            "asked_on": on,
        }
        self._tx.fetch_all(_TAKE_TURNS, {"turn": f"adjustments:{self._tx.tenant_id}:{asker}"})
        self._tx.flush()
        row = self._tx.fetch_one(_ASKED_BEFORE, about)
        return 0 if row is None else int(row["points"])

    def _aggregate(self, row: sa.RowMapping) -> Adjustment:
        return adjustment_of(row)

    def _row(self, aggregate: Adjustment) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _OWN}


def adjustment_of(row: Mapping[str, Any] | sa.RowMapping) -> Adjustment:
    """The adjustment that a row stands for; the person is not in it."""
    content = {name: row[name] for name in (*_OWN, "id", "version")}
    return Adjustment(**{**content, "state": AdjustmentState(row["state"]), "person_id": None})


_TAKE_TURNS = Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(turn)s, 0))::text AS turn")
_ASKED_BEFORE = Statement(
    "SELECT coalesce(sum(abs(points)), 0)::bigint AS points FROM adjustments"
    " WHERE tenant_id = %(tenant_id)s AND program_id = %(program_id)s"
    " AND asked_by = %(asked_by)s AND asked_on = %(asked_on)s AND member_id = %(member_id)s"
    " AND state IN ('waiting', 'made')"
)
