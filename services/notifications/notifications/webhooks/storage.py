"""How endpoints are kept, and in whose name each of them gets facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from notifications.webhooks.domain import (
    Authority,
    DisabledReason,
    EndpointDetails,
    EndpointState,
    WebhookEndpoint,
    WebhookSecret,
)

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

webhook_endpoints = sa.Table(
    "webhook_endpoints",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("types", sa.JSON, nullable=False),
    sa.Column("ordered", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("disabled_reason", sa.Text),
    sa.Column("disabled_at", _time),
    sa.Column("secrets", sa.JSON, nullable=False),
    sa.Column("owner_user_id", _uuid),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)

webhook_health = sa.Table(
    "webhook_health",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("endpoint_id", _uuid, primary_key=True),
    sa.Column("failing_since", _time),
    sa.Column("paused_until", _time),
)

_COUNT = Statement(
    "SELECT count(*) AS endpoints FROM webhook_endpoints WHERE tenant_id = %(tenant_id)s"
)
_AUTHORISE = Statement(
    "INSERT INTO webhook_authorities (tenant_id, endpoint_id, user_id, client_id, scopes,"
    " role_ids, roles_version, roles_wanted, client_scopes, client_version) VALUES"
    " (%(tenant_id)s, %(endpoint_id)s, %(user_id)s, %(client_id)s, %(scopes)s, %(role_ids)s,"
    " 0, 0, NULL, 0)"
    " ON CONFLICT (tenant_id, endpoint_id) DO UPDATE SET user_id = excluded.user_id,"
    " client_id = excluded.client_id, scopes = excluded.scopes, role_ids = excluded.role_ids,"
    " roles_version = 0, roles_wanted = 0, client_scopes = NULL, client_version = 0"
)
_FORGET = tuple(
    Statement(
        f"DELETE FROM {table}"  # noqa: S608 - our own tables
        " WHERE tenant_id = %(tenant_id)s AND endpoint_id = %(endpoint_id)s"
    )
    for table in ("webhook_authorities", "webhook_health")
)
_WELL = _FORGET[1]
_OWNED_BY_USER = Statement(
    "SELECT endpoint_id FROM webhook_authorities"
    " WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s"
)
_OWNED_BY_CLIENT = Statement(
    "SELECT endpoint_id FROM webhook_authorities"
    " WHERE tenant_id = %(tenant_id)s AND client_id = %(client_id)s"
)
# Facts may come out of order: what is older than what is known changes nothing.
_CLIENT_SCOPES = Statement(
    "UPDATE webhook_authorities SET client_scopes = %(scopes)s, client_version = %(version)s"
    " WHERE tenant_id = %(tenant_id)s AND client_id = %(client_id)s"
    " AND client_version < %(version)s"
)
_ROLES_WANTED = Statement(
    "UPDATE webhook_authorities SET roles_wanted = greatest(roles_wanted, %(version)s)"
    " WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND role_ids IS NOT NULL"
)
_ROLES = Statement(
    "UPDATE webhook_authorities SET role_ids = %(role_ids)s, roles_version = %(version)s"
    " WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND role_ids IS NOT NULL"
    " AND roles_version < %(version)s"
)


class EndpointsRepository(Repository[WebhookEndpoint]):
    """Endpoints for a change."""

    table = webhook_endpoints
    kind = "webhook"
    owner: ClassVar[str | None] = "owner_user_id"

    def count(self) -> int:
        """How many endpoints the tenant has."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id})
        return int(row["endpoints"]) if row else 0

    def authorise(self, endpoint_id: UUID, authority: Authority) -> None:
        """Note in whose name the endpoint gets facts from now on."""
        roles = authority.role_ids
        self._tx.write(
            _AUTHORISE,
            {
                "tenant_id": self._tx.tenant_id,
                "endpoint_id": endpoint_id,
                "user_id": authority.user_id,
                "client_id": authority.client_id,
                "scopes": json_text(sorted(authority.scopes)),
                "role_ids": None if roles is None else json_text([str(role) for role in roles]),
            },
        )

    def forget_all_about(self, endpoint_id: UUID) -> None:
        """Drop what is kept beside a removed endpoint; its log goes with time."""
        for statement in _FORGET:
            about = {"tenant_id": self._tx.tenant_id, "endpoint_id": endpoint_id}
            self._tx.write(statement, about)

    def consider_well(self, endpoint_id: UUID) -> None:
        """Forget that it was failing, or wanted to hear nothing for a while."""
        self._tx.write(_WELL, {"tenant_id": self._tx.tenant_id, "endpoint_id": endpoint_id})

    def of_user(self, user_id: UUID) -> list[UUID]:
        """The endpoints that get facts in a user's name."""
        about = {"tenant_id": self._tx.tenant_id, "user_id": user_id}
        return [row["endpoint_id"] for row in self._tx.fetch_all(_OWNED_BY_USER, about)]

    def of_client(self, client_id: str) -> list[UUID]:
        """The endpoints that get facts in an app's name, also on behalf of a user."""
        about = {"tenant_id": self._tx.tenant_id, "client_id": client_id}
        return [row["endpoint_id"] for row in self._tx.fetch_all(_OWNED_BY_CLIENT, about)]

    def note_client_scopes(self, client_id: str, scopes: list[str], version: int) -> None:
        """Note what an app may ask for at all now."""
        values = {"client_id": client_id, "scopes": json_text(scopes), "version": version}
        self._tx.write(_CLIENT_SCOPES, {"tenant_id": self._tx.tenant_id, **values})

    def note_other_roles(self, user_id: UUID, version: int) -> None:
        """Note that a user has other roles since that version: identity is to be asked for them."""
        values = {"user_id": user_id, "version": version}
        self._tx.write(_ROLES_WANTED, {"tenant_id": self._tx.tenant_id, **values})

    def note_roles(self, user_id: UUID, role_ids: list[UUID], version: int) -> None:
        """Note which roles a user has at a version."""
        roles = json_text([str(role_id) for role_id in role_ids])
        values = {"user_id": user_id, "role_ids": roles, "version": version}
        self._tx.write(_ROLES, {"tenant_id": self._tx.tenant_id, **values})

    def _aggregate(self, row: sa.RowMapping) -> WebhookEndpoint:
        reason = row["disabled_reason"]
        return WebhookEndpoint(
            id=row["id"],
            version=row["version"],
            details=EndpointDetails(
                row["url"], row["description"], tuple(row["types"]), row["ordered"]
            ),
            state=EndpointState(row["state"]),
            secrets=tuple(secret_of(stored) for stored in row["secrets"]),
            owner_user_id=row["owner_user_id"],
            created_by=row["created_by"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            disabled_reason=None if reason is None else DisabledReason(reason),
            disabled_at=row["disabled_at"],
        )

    def _row(self, aggregate: WebhookEndpoint) -> dict[str, Any]:
        details = aggregate.details
        return {
            "url": details.url,
            "description": details.description,
            "types": details.types,
            "ordered": details.ordered,
            "state": aggregate.state,
            "disabled_reason": aggregate.disabled_reason,
            "disabled_at": aggregate.disabled_at,
            "secrets": aggregate.secrets,
            "owner_user_id": aggregate.owner_user_id,
            "created_by": aggregate.created_by,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


def secret_of(stored: dict[str, Any]) -> WebhookSecret:
    """A secret as it is kept."""
    expires = stored["expires_at"]
    return WebhookSecret(
        stored["sealed"],
        datetime.fromisoformat(stored["created_at"]),
        None if expires is None else datetime.fromisoformat(expires),
    )
