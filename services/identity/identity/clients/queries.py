"""Reads apps, straight to the response."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter, time_filter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from identity.clients.domain import ClientKind, ClientStatus
from identity.clients.storage import client_secrets, clients

_columns = clients.c
_shown = sa.select(
    _columns.id,
    _columns.version,
    _columns.name,
    _columns.kind,
    _columns.status,
    _columns.grant_types,
    _columns.redirect_uris,
    _columns.scopes,
    _columns.created_at,
    _columns.updated_at,
)

CLIENTS = ListSpec(
    key=_columns.id,
    sorts={"name": _columns.name, "created_at": _columns.created_at},
    default_sort="name",
    filters={
        "status": choice_filter(_columns.status, *ClientStatus),
        "kind": choice_filter(_columns.kind, *ClientKind),
        "created_at": time_filter(_columns.created_at),
    },
    searchable=True,
)


def get_client(reading: Reading | UnitOfWork, client_id: UUID) -> dict[str, Any]:
    """The app as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == client_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("client", client_id)
    return {**row, "secrets": _secrets(reading, [client_id])[client_id]}


def list_clients(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of apps."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if listing.query is not None:
        text = listing.query.strip().lower()
        base = base.where(sa.func.lower(_columns.name).contains(text, autoescape=True))
    rows = reading.connection.execute(listing.apply(base)).all()
    secrets = _secrets(reading, [row.id for row in rows])
    page = listing.page(rows, lambda row: {**row._mapping, "secrets": secrets[row.id]})
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def _secrets(
    reading: Reading | UnitOfWork, client_ids: Iterable[UUID]
) -> dict[UUID, list[dict[str, Any]]]:
    """What may be shown of the apps' secrets, oldest first."""
    columns = client_secrets.c
    rows = reading.connection.execute(
        sa.select(columns.client_id, columns.id, columns.hint, columns.created_at)
        .where(
            columns.tenant_id == reading.caller.tenant_id, columns.client_id.in_(list(client_ids))
        )
        .order_by(columns.id)
    )
    found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row.client_id].append({"id": row.id, "hint": row.hint, "created_at": row.created_at})
    return found
