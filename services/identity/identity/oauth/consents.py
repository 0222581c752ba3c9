"""What users have agreed to: asked once for each app, and again when it wants more."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.storage.unit_of_work import Reading
from identity.oauth.scopes import includes, joined, split
from identity.oauth.storage import consents

if TYPE_CHECKING:
    from identity.transaction import IdentityTx


def has_consented(reading: Reading, user_id: UUID, client_id: str, scope: str) -> bool:
    """Whether the user has agreed to all of this before."""
    given = _given(reading.connection, reading.caller.tenant_id, user_id, client_id)
    return given is not None and includes(given, scope)


def consent(tx: IdentityTx, user_id: UUID, client_id: str, scope: str) -> None:
    """Remember that the user has agreed; what was agreed to before still holds."""
    before = _given(tx.connection, tx.tenant_id, user_id, client_id)
    together = joined(split(f"{before or ''} {scope}"))
    values = {"scope": together, "given_at": tx.clock.now()}
    tx.connection.execute(
        insert(consents)
        .values(tenant_id=tx.tenant_id, user_id=user_id, client_id=client_id, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "user_id", "client_id"], set_=values)
    )


def _given(
    connection: sa.Connection, tenant_id: UUID | None, user_id: UUID, client_id: str
) -> str | None:
    return connection.execute(
        sa.select(consents.c.scope).where(
            consents.c.tenant_id == tenant_id,
            consents.c.user_id == user_id,
            consents.c.client_id == client_id,
        )
    ).scalar()
