"""How PostgreSQL would answer a statement among many rows: with few, any plan is cheap and chance decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from chassis.testing.harness import TestDatabase

MANY = 5_000


def plan_among_many(
    database: TestDatabase,
    table: LiteralString,
    like: Mapping[str, Any],
    differing: LiteralString,
    statement: str,
    parameters: Mapping[str, Any],
) -> str:
    """The plan that the runtime login gets, with `MANY` more rows of the tenant; nothing stays of them.

    The rows are like the one of the tenant and id in `like`, but for `differing`: pairs of a column's
    name and an expression in `n`, as jsonb_build_object takes them.
    """
    with psycopg.connect(database.admin_url) as connection:
        filled = sql.SQL(
            "INSERT INTO {table} SELECT (jsonb_populate_record(one,"
            " jsonb_build_object('id', gen_random_uuid(), {differing}))).*"
            " FROM {table} AS one, generate_series(1, {many}) AS n"
            " WHERE one.tenant_id = %(tenant_id)s AND one.id = %(id)s"
        )
        connection.execute(
            filled.format(
                table=sql.Identifier(table), differing=sql.SQL(differing), many=sql.Literal(MANY)
            ),
            like,
        )
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
        connection.execute("SET LOCAL ROLE sales_runtime")
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(like["tenant_id"])])
        rows = connection.execute(f"EXPLAIN {statement}".encode(), parameters).fetchall()
        connection.rollback()
    return "\n".join(line for (line,) in rows)
