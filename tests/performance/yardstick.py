"""The yardstick: a bare Flask application on the same server and database, with none of our code.

Run as a program it serves; the benchmarks start it beside the platform. It does the same
statements that the platform's service has to do, and nothing else: no gateway, no token, no
tenant isolation, no validation, no fact.
"""

from __future__ import annotations

import json
import os
import uuid

import psycopg
from flask import Flask, Response, request
from granian.constants import Interfaces
from granian.server import Server
from psycopg.types.json import Json
from psycopg_pool import ConnectionPool

SHOWN = (
    "id, version, given_name, family_name, full_name, lifecycle_stage, owner_id, source,"
    " language, time_zone, quality_score, created_at, updated_at, archived_at, details"
)


def build() -> Flask:
    """The application; its address of the database is in `YARDSTICK_DSN`."""
    pool = ConnectionPool(os.environ["YARDSTICK_DSN"], min_size=8, max_size=8, open=True)
    tenant = uuid.UUID(os.environ["YARDSTICK_TENANT"])
    app = Flask("yardstick")

    @app.get("/people/<uuid:person_id>")
    def read(person_id: uuid.UUID) -> Response:
        with pool.connection() as connection:
            row = connection.execute(
                f"SELECT {SHOWN} FROM people WHERE tenant_id = %s AND id = %s",  # noqa: S608
                (tenant, person_id),
            ).fetchone()
        return Response(json.dumps(row, default=str), content_type="application/json")

    @app.get("/people")
    def list_people() -> Response:
        with pool.connection() as connection:
            rows = connection.execute(
                f"SELECT {SHOWN} FROM people WHERE tenant_id = %s"  # noqa: S608
                " ORDER BY created_at DESC, id DESC LIMIT 50",
                (tenant,),
            ).fetchall()
        return Response(json.dumps(rows, default=str), content_type="application/json")

    @app.post("/people")
    def create() -> tuple[dict[str, str], int]:
        body = request.get_json()
        person_id = uuid.uuid4()
        with pool.connection() as connection:
            connection.execute(
                "INSERT INTO yardstick (id, name, document) VALUES (%s, %s, %s)",
                (person_id, body.get("full_name") or body["subject"], Json(body)),
            )
        return {"id": str(person_id)}, 201

    return app


def prepare(admin_dsn: str) -> None:
    """Create the table that the bare application writes to."""
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS yardstick (id uuid PRIMARY KEY, name text NOT NULL,"
            " document json NOT NULL, created_at timestamptz NOT NULL DEFAULT now())"
        )


if __name__ == "__main__":
    Server(
        target="yardstick",
        address="127.0.0.1",
        port=int(os.environ["YARDSTICK_PORT"]),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=8,
        log_enabled=False,
    ).serve(target_loader=build, wrap_loader=False)
