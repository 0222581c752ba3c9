"""How letterheads are kept: what there is now, and every one that there was, by number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import NotFound
from chassis.storage.one_per_tenant import OnePerTenantRepository
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.letterheads.domain import Letterhead, LetterheadContent

_uuid = PgUUID(as_uuid=True)

letterheads = sa.Table(
    "letterheads",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
)


_MAKE = Statement(
    "INSERT INTO letterheads (tenant_id, id, version, number)"
    " VALUES (%(tenant_id)s, %(tenant_id)s, 0, 0) ON CONFLICT DO NOTHING"
)


class LetterheadsRepository(OnePerTenantRepository[Letterhead]):
    """A tenant's one letterhead, under the tenant's own id."""

    table = letterheads
    kind = "letterhead"
    make = _MAKE

    def _aggregate(self, row: sa.RowMapping) -> Letterhead:
        number = row["number"]
        content = letterhead_numbered(self._tx, number) if number else None
        return Letterhead(id=row["id"], version=row["version"], number=number, content=content)

    def _row(self, aggregate: Letterhead) -> dict[str, Any]:
        return {"number": aggregate.number}

    def _stored(self, aggregate: Letterhead, *, new: bool) -> None:  # noqa: ARG002 - the repository's signature
        if aggregate.content is None:
            return
        content = asdict(aggregate.content)
        logo = content.pop("logo")
        about = {"tenant_id": self._tx.tenant_id, "number": aggregate.number, "logo": logo}
        kept = {**about, "content": json_text(content), "created_at": self._tx.clock.now()}
        self._tx.write(_KEEP, kept)


def letterhead_numbered(reading: Reading | UnitOfWork, number: int) -> LetterheadContent:
    """What a number stands for. Raises `NotFound` for one that there never was."""
    about = {"tenant_id": reading.caller.tenant_id, "number": number}
    row = reading.fetch_one(_NUMBERED, about)
    if row is None:
        raise NotFound(f"There never was a letterhead number {number}.")
    return _content(row)


def newest_letterhead(
    reading: Reading | UnitOfWork,
) -> tuple[int | None, LetterheadContent | None]:
    """The number of what is printed now, and what it is; neither when nobody has said it yet."""
    row = reading.fetch_one(_NEWEST, {"tenant_id": reading.caller.tenant_id})
    return (None, None) if row is None else (row["number"], _content(row))


def _content(row: Mapping[str, Any]) -> LetterheadContent:
    logo = row["logo"]
    return LetterheadContent(**row["content"], logo=None if logo is None else bytes(logo))


_KEEP = Statement(
    "INSERT INTO letterhead_versions (tenant_id, number, content, logo, created_at)"
    " VALUES (%(tenant_id)s, %(number)s, %(content)s, %(logo)s, %(created_at)s)"
)
_NUMBERED = Statement(
    "SELECT content, logo FROM letterhead_versions"
    " WHERE tenant_id = %(tenant_id)s AND number = %(number)s"
)
_NEWEST = Statement(
    "SELECT number, content, logo FROM letterhead_versions WHERE tenant_id = %(tenant_id)s"
    " ORDER BY number DESC LIMIT 1"
)
