"""For tests of what a service keeps of people: looks for what is left out, fills every table, reads all of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import grpc
import psycopg
from psycopg import sql

from chassis.context import service_caller
from chassis.embedded.processes import free_port
from chassis.personal_data.kept import Kept
from chassis.rpc.client import Peer, Peers
from chassis.rpc.declaration import RpcService
from chassis.rpc.server import RpcServer
from chassis.service import Service
from chassis.storage.following import NamingTable
from chassis.testing.tokens import TestTokens

_COLUMNS = (
    "SELECT c.table_name, c.column_name, c.udt_name FROM information_schema.columns c"
    " JOIN information_schema.tables t USING (table_schema, table_name)"
    " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
)
_REFERENCES = (
    "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
    " WHERE contype = 'f'"
)
_SECRET = (
    "digest",
    "fingerprint",
    "hash",
    "password",
    "sealed",
    "secret",
    "token",
    "ticket",
    "code",
)
"""Last words of columns that hold what nobody is told."""


def untold(
    admin_url: str,
    kept: Sequence[Kept],
    not_told: Mapping[str, str],
    following: Iterable[NamingTable] = (),
    harmless: Collection[str] = (),
) -> set[str]:
    """What is wrong with what a service gives out, each in a sentence; nothing when all is well.

    Every table that names a person, that is blanked when one is erased, or that hangs on a table that is
    given out, by a foreign key or by a column called after it, is given out or set apart with its reason.
    `harmless` are columns, as `leads.postal_code`, that are called like a secret and are none.
    """
    with psycopg.connect(admin_url) as connection:
        columns = connection.execute(_COLUMNS).fetchall()
        references = connection.execute(_REFERENCES).fetchall()
    told = {one.table for one in kept}
    there = {table for table, _, _ in columns}
    named_after = {f"{one.kind}_id" for one in kept} - {"person_id"}
    expected = {table for table, name, _ in columns if "person" in name or name in named_after}
    expected |= {table for table, other in references if other in told and table != other}
    for one in following:
        hanging = (*one.first_gone, *(name for name, _ in one.first_blanked))
        expected |= {one.name, *(name.split(".")[0] for name in hanging)}
    return {
        *(f"{table} is neither told nor set apart" for table in expected - told - set(not_told)),
        *(f"{table} is told and set apart" for table in told & set(not_told)),
        *(f"there is no table {table}" for table in (told | set(not_told)) - there),
        *(f"{table} is set apart without a reason" for table, why in not_told.items() if not why),
        *_secrets(kept, columns, frozenset(harmless)),
    }


def _secrets(
    kept: Sequence[Kept], columns: Collection[tuple[str, str, str]], harmless: Collection[str]
) -> set[str]:
    """Columns that are told and look like secrets; bytes are none of anybody's words."""
    wrong: set[str] = set()
    for one in kept:
        names = {name: kind for table, name, kind in columns if table == one.table}
        for name in one.without - set(names):
            wrong.add(f"{one.table} has no column {name} to leave out")
        for name, kind in names.items():
            if name in one.without or f"{one.table}.{name}" in harmless:
                continue
            if kind == "bytea" or name.split("_")[-1] in _SECRET:
                wrong.add(f"{one.table}.{name} looks like a secret, and is told")
    return wrong


def fill(
    admin_url: str,
    tables: Iterable[str],
    tenant_id: UUID,
    person_id: UUID,
    given: Mapping[str, Any],
) -> None:
    """Put a row into every one of these tables that is about a person, with something in every column.

    All ids in it are the person's, so that rows hang on each other; all texts are Chinese, and tell the id.
    `given` are the values of columns that need others, by `table.column`. For a database of a test's own: what
    rows have to be like, and what they refer to, is not looked at any more.
    """
    with psycopg.connect(admin_url) as connection:
        checks = connection.execute(_CHECKS).fetchall()
        for table, name in checks:
            connection.execute(
                sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(
                    sql.Identifier(table), sql.Identifier(name)
                )
            )
        connection.execute("SET session_replication_role = replica")
        for table in dict.fromkeys(tables):
            columns = connection.execute(_FILLABLE, {"table": table}).fetchall()
            row = {
                name: given.get(f"{table}.{name}", _value(kind, person_id))
                for name, kind in columns
            }
            connection.execute(
                sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
                    sql.Identifier(table),
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join(map(sql.Placeholder, row)),
                ),
                {**row, "tenant_id": tenant_id},
            )


class _ContactsTokens:
    """The tokens of contacts, which asks."""

    def __init__(self, tokens: TestTokens) -> None:
        self._tokens = tokens

    def token(self, tenant_id: UUID) -> str:
        expires = int((datetime.now(UTC) + timedelta(days=3650)).timestamp())
        return self._tokens.sign(
            sub="contacts",
            client_id="contacts",
            tid=str(tenant_id),
            scope="*",
            svc=True,
            exp=expires,
        )

    def forget(self, tenant_id: UUID) -> None:
        raise AssertionError(f"the token for {tenant_id} was refused")


@contextmanager
def reached(service: Service[Any], offered: RpcService, tokens: TestTokens) -> Iterator[Peer]:
    """A service as contacts reaches it, over a real connection."""
    listening = service.settings.model_copy(update={"grpc_port": free_port()})
    server = RpcServer(listening, service.authenticator, service.operations, [offered])
    peers = Peers(_ContactsTokens(tokens))
    server.start()
    try:
        yield peers.at(service.description.name, f"127.0.0.1:{listening.grpc_port}")
    finally:
        peers.close()
        server.stop(1)


def told(
    peer: Peer,
    stub: Callable[[grpc.Channel], Any],
    request: Callable[..., Any],
    tenant_id: UUID,
    people: Sequence[UUID],
) -> dict[str, bytes]:
    """All that a service tells contacts of people, by file; read page after page."""
    files: dict[str, bytes] = {}
    token, method = "", peer.stub(stub).ListPersonalData
    caller = service_caller("contacts", tenant_id)
    while True:
        asked = request(person_ids=[str(one) for one in people], page_token=token)
        page: Any = peer.ask(method, asked, caller, timeout=30)
        for piece in page.pieces:
            files[piece.file] = files.get(piece.file, b"") + piece.content
        token = page.next_page_token
        if not token:
            return files


def _value(kind: str, person_id: UUID) -> Any:
    if kind.startswith("_"):
        return [person_id] if kind == "_uuid" else []
    if kind in ("text", "varchar"):
        return f"王小明 {person_id}"  # unique, where it has to be
    if kind == "bytea":
        return b"secret" + person_id.bytes
    if kind in ("int4", "int8"):
        return person_id.int % 10**9
    return _VALUES.get(kind, person_id if kind == "uuid" else None)


_NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
_VALUES: Mapping[str, Any] = {
    "json": '{"name": "王小明"}',
    "jsonb": '{"name": "王小明"}',
    "bool": True,
    "int2": 1,
    "float8": 1.5,
    "numeric": Decimal("1250.00"),
    "date": _NOW.date(),
    "timestamptz": _NOW,
}
_CHECKS = (
    "SELECT conrelid::regclass::text, conname FROM pg_constraint c JOIN pg_namespace n"
    " ON n.oid = c.connamespace WHERE n.nspname = 'public' AND contype = 'c'"
)
_FILLABLE = (
    "SELECT column_name, udt_name FROM information_schema.columns WHERE table_schema = 'public'"
    " AND table_name = %(table)s AND is_generated = 'NEVER' AND is_identity = 'NO'"
)
