"""The counts of failures as a tenant sees them: those that it can name a key of, and no other.

The table is the platform's, which no tenant's login reads. Two functions of its owner give a wait for
its key, and take it away. A key is made under a secret that the database does not know.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.statements import Statement

_time = sa.DateTime(timezone=True)

WAITS_OF_KEYS = Statement(
    "SELECT key, level, at, wait_until FROM sign_in_waits(%(keys)s::bytea[], %(now)s)"
)
LIFT_WAITS = Statement(
    "SELECT coalesce(bool_or(lift_sign_in_wait(key, %(now)s)), false) AS lifted"
    " FROM unnest(%(keys)s::bytea[]) AS asked (key)"
)


def _columns(what: str, **kinds: Any) -> Any:
    """Lists of the same length, given as parameters with a statement, as the columns of a table."""
    lists = [
        sa.bindparam(f"{what}_{name}", type_=ARRAY(kind), required=True)
        for name, kind in kinds.items()
    ]
    columns = [sa.column(name, kind) for name, kind in kinds.items()]
    return sa.func.unnest(*lists).table_valued(*columns).render_derived(name=what)


_WAIT = {"level": sa.Double(), "since": _time, "until": _time}
waiting_users = _columns("waiting_users", user_id=PgUUID(as_uuid=True), kind=sa.Text(), **_WAIT)
waiting_addresses = _columns("waiting_addresses", address=sa.Text(), users=sa.Integer(), **_WAIT)


def filled(what: Any, rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """The parameters that such a table takes for these rows."""
    names = [column.name for column in what.c]
    return {f"{what.name}_{name}": [row[i] for row in rows] for i, name in enumerate(names)}
