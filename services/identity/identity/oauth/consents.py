"""What users have agreed to: asked once for each app, again when it wants more, until they withdraw it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, time_filter
from chassis.storage.unit_of_work import Reading
from identity.clients.storage import clients
from identity.oauth.scopes import includes, joined, split
from identity.oauth.storage import authorization_codes, consents, device_codes
from identity.sessions.domain import EndReason
from identity.sessions.operations import end_sessions_of_app
from identity.sessions.storage import sessions

if TYPE_CHECKING:
    from identity.transaction import IdentityTx

_MOST_ON_A_PAGE = 200
CONSENTS = ListSpec(
    key=consents.c.client_id,
    sorts={"given_at": consents.c.given_at},
    default_sort="-given_at",
    filters={"given_at": time_filter(consents.c.given_at)},
)


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


def list_consents(reading: Reading, user_id: UUID, listing: Listing) -> dict[str, Any]:
    """A page of the apps that a user has agreed to; the latest first."""
    return listing.fetch(reading.connection, _shown(reading, user_id), _present)


def consents_on_page(reading: Reading, user_id: UUID) -> list[dict[str, Any]]:
    """What the page of somebody's own account shows."""
    latest = _shown(reading, user_id).order_by(consents.c.given_at.desc(), consents.c.client_id)
    return [_present(row) for row in reading.connection.execute(latest.limit(_MOST_ON_A_PAGE))]


def withdraw_consent(tx: IdentityTx, user_id: UUID, client_id: str) -> int:
    """Ask anew before the app is let in again, and end what it was let in with; tells how many sessions.

    What it has not yet exchanged is of no use to it any more. Codes come before sessions, as in an
    exchange: of an exchange at the same time the session is there then, and ends, or there is none.
    Raises `NotFound` when the user has agreed to nothing that the app asked for.
    """
    given = _given(tx.connection, tx.tenant_id, user_id, client_id)
    if given is None:
        raise NotFound.of("consent", client_id)
    theirs = sa.select(sessions.c.id).where(
        sessions.c.tenant_id == tx.tenant_id, sessions.c.user_id == user_id
    )
    for codes in (authorization_codes, device_codes):
        tx.connection.execute(
            sa.update(codes)
            .where(
                codes.c.tenant_id == tx.tenant_id,
                codes.c.client_id == client_id,
                codes.c.session_id.in_(theirs),
                codes.c.used_at.is_(None),
            )
            .values(expires_at=tx.clock.now())
        )
    ended = end_sessions_of_app(tx, user_id, client_id, EndReason.ENDED_BY_USER)
    tx.connection.execute(
        sa.delete(consents).where(
            consents.c.tenant_id == tx.tenant_id,
            consents.c.user_id == user_id,
            consents.c.client_id == client_id,
        )
    )
    return ended


def _shown(reading: Reading, user_id: UUID) -> sa.Select[Any]:
    app = sa.and_(
        clients.c.tenant_id == consents.c.tenant_id,
        sa.cast(clients.c.id, sa.Text) == consents.c.client_id,
    )
    return (
        sa.select(
            consents.c.client_id,
            clients.c.name.label("client_name"),
            consents.c.scope,
            consents.c.given_at,
        )
        .select_from(consents.outerjoin(clients, app))
        .where(consents.c.tenant_id == reading.caller.tenant_id, consents.c.user_id == user_id)
    )


def _present(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        "client_id": row.client_id,
        "client_name": row.client_name,
        "scopes": split(row.scope),
        "given_at": row.given_at,
    }


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
