"""Inserts any number of rows by one statement that is always the same.

COPY is closed to logins that row-level security holds, and gains nothing here: what costs time is
the indexes. The rows travel as one JSON text, which costs the driver next to nothing; arrays, one
for each column, cost it fifteen times as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from chassis.storage.statements import DIALECT, Statement

MANY = 20
"""From so many rows on, one statement for all is cheaper than one for each."""


@dataclass(frozen=True, slots=True)
class BulkInsert:
    """The statement that adds rows to a table with `tenant_id`.

    Rows are mappings of the columns' values. Values of JSON columns are JSON text already, as
    `json_text` writes it; binary ones are bytes.
    """

    statement: Statement
    json_columns: tuple[str, ...]
    binary_columns: tuple[str, ...]

    @classmethod
    def into(
        cls, table: sa.Table, columns: Sequence[str] = (), *, unless_there: bool = False
    ) -> BulkInsert:
        """Fill `columns`, by default all; `unless_there` leaves rows alone that break a key."""
        names = [name for name in columns or table.c.keys() if name != "tenant_id"]
        quote = DIALECT.identifier_preparer.quote
        fields = ", ".join(map(quote, names))
        given = ", ".join(f"{quote(name)} {_type_of(table.c[name])}" for name in names)
        sql = (
            f"INSERT INTO {quote(table.name)} (tenant_id, {fields})"  # noqa: S608 - our own names
            f" SELECT %(tenant_id)s, {fields}"
            f" FROM json_to_recordset(%(rows)s::json) AS given ({given})"
        )
        if unless_there:
            sql += " ON CONFLICT DO NOTHING"
        return cls(
            Statement(sql),
            tuple(n for n in names if isinstance(table.c[n].type, sa.JSON)),
            tuple(n for n in names if isinstance(table.c[n].type, sa.LargeBinary)),
        )

    def parameters(self, tenant_id: UUID, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """What the statement needs to add these rows."""
        if self.json_columns or self.binary_columns:
            rows = [self._written(row) for row in rows]
        else:
            rows = list(rows)
        return {"tenant_id": tenant_id, "rows": orjson.dumps(rows).decode()}

    def _written(self, row: Mapping[str, Any]) -> dict[str, Any]:
        written = dict(row)
        for name in self.json_columns:
            if written[name] is not None:
                written[name] = orjson.Fragment(written[name])
        for name in self.binary_columns:
            if written[name] is not None:
                written[name] = f"\\x{written[name].hex()}"
        return written


def _type_of(column: sa.Column[Any]) -> str:
    return column.type.compile(dialect=DIALECT).partition(" COLLATE")[0]
