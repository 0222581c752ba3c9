"""How clients are kept: one row each, and one for each secret's digest."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from identity.clients.domain import (
    Client,
    ClientDetails,
    ClientKind,
    ClientSecret,
    ClientStatus,
    GrantType,
)

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

clients = sa.Table(
    "clients",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text(collation="C"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("grant_types", ARRAY(sa.Text), nullable=False),
    sa.Column("redirect_uris", ARRAY(sa.Text), nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("access_revoked_at", _time),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)

client_secrets = sa.Table(
    "client_secrets",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("client_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("created_at", _time, nullable=False),
)


class ClientRepository(Repository[Client]):
    """Clients for a change."""

    table = clients
    kind = "client"

    def _aggregate(self, row: sa.RowMapping) -> Client:
        return Client(
            id=row["id"],
            version=row["version"],
            kind=ClientKind(row["kind"]),
            details=details_of(row),
            status=ClientStatus(row["status"]),
            secrets=secrets_of(self._tx.connection, self._tx.tenant_id, row["id"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            access_revoked_at=row["access_revoked_at"],
        )

    def _row(self, aggregate: Client) -> dict[str, Any]:
        details = aggregate.details
        return {
            "name": details.name,
            "kind": aggregate.kind.value,
            "status": aggregate.status.value,
            "grant_types": sorted(each.value for each in details.grant_types),
            "redirect_uris": list(details.redirect_uris),
            "scopes": sorted(details.scopes),
            "access_revoked_at": aggregate.access_revoked_at,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }

    def _stored(self, aggregate: Client, *, new: bool) -> None:
        about = {"tenant_id": self._tx.tenant_id, "client_id": aggregate.id}
        if not new:
            kept = [secret.id for secret in aggregate.secrets]
            self._tx.write(_FORGET_OTHER_SECRETS, {**about, "ids": kept})
        for secret in aggregate.secrets:
            self._tx.write(_KEEP_SECRET, {**about, **_secret_row(secret)})


_FORGET_OTHER_SECRETS = Statement(
    "DELETE FROM client_secrets WHERE tenant_id = %(tenant_id)s AND client_id = %(client_id)s"
    " AND id <> ALL (%(ids)s::uuid[])"
)
_KEEP_SECRET = Statement(
    "INSERT INTO client_secrets (tenant_id, client_id, id, hash, hint, created_at)"
    " VALUES (%(tenant_id)s, %(client_id)s, %(id)s, %(hash)s, %(hint)s, %(created_at)s)"
    " ON CONFLICT (tenant_id, client_id, id) DO NOTHING"
)


def details_of(row: sa.RowMapping) -> ClientDetails:
    """The details that a row of `clients` holds."""
    return ClientDetails(
        name=row["name"],
        grant_types=frozenset(GrantType(each) for each in row["grant_types"]),
        redirect_uris=tuple(row["redirect_uris"]),
        scopes=frozenset(row["scopes"]),
    )


def secrets_of(
    connection: sa.Connection, tenant_id: UUID, client_id: UUID
) -> tuple[ClientSecret, ...]:
    """The digests of a client's secrets, oldest first."""
    rows = connection.execute(
        sa.select(client_secrets)
        .where(client_secrets.c.tenant_id == tenant_id, client_secrets.c.client_id == client_id)
        .order_by(client_secrets.c.id)
    )
    return tuple(ClientSecret(row.id, bytes(row.hash), row.hint, row.created_at) for row in rows)


def _secret_row(secret: ClientSecret) -> dict[str, Any]:
    return {
        "id": secret.id,
        "hash": secret.digest,
        "hint": secret.hint,
        "created_at": secret.created_at,
    }
