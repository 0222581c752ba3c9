"""How recognitions are kept: a row each, one for each cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from loyalty.recognitions.domain import Recognition, RecognitionKind

RECOGNITION_ONCE = "recognitions_once"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

recognitions = sa.Table(
    "recognitions",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("member_id", _uuid, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("kind", _word, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("name", sa.JSON, nullable=False),
    sa.Column("cause_kind", _word, nullable=False),
    sa.Column("cause_key", _word, nullable=False),
    sa.Column("awarded_at", _time, nullable=False),
    sa.Column("valid_until", _time),
    sa.Column("withdrawn_at", _time),
)
OWN = tuple(c.name for c in recognitions.c if c.name not in ("tenant_id", "id", "version", "kind"))


class RecognitionsRepository(Repository[Recognition]):
    """Recognitions for a change."""

    table = recognitions
    kind = "recognition"

    def of_cause(self, kind: str, key: str) -> Recognition | None:
        """What was given for a cause, locked; None when there is none.

        Whose it is may have changed: two members may have turned out to be one person.
        """
        about = {
            "tenant_id": self._tx.tenant_id,
            "cause_kind": kind,
            "cause_key": key,
        }
        row = self._tx.fetch_one(_OF_CAUSE, about)
        return None if row is None else self.get(row["id"])

    def _aggregate(self, row: sa.RowMapping) -> Recognition:
        return recognition_of(row)

    def _row(self, aggregate: Recognition) -> dict[str, Any]:
        return {"kind": aggregate.kind, **{name: getattr(aggregate, name) for name in OWN}}


def recognition_of(row: Mapping[str, Any] | sa.RowMapping) -> Recognition:
    """The recognition that a row of the table stands for."""
    return Recognition(
        id=row["id"],
        version=row["version"],
        kind=RecognitionKind(row["kind"]),
        **{name: row[name] for name in OWN},
    )


_OF_CAUSE = Statement(
    "SELECT id FROM recognitions WHERE tenant_id = %(tenant_id)s"
    " AND cause_kind = %(cause_kind)s AND cause_key = %(cause_key)s"
)
