"""Reads about second factors and recovery codes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter, time_filter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from identity.factors.domain import FactorKind, Passkey
from identity.factors.storage import factors, recovery_codes
from identity.users.storage import users

_columns = factors.c
_codes = recovery_codes.c
FACTORS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="created_at",
    filters={
        "kind": choice_filter(_columns.kind, *FactorKind),
        "created_at": time_filter(_columns.created_at),
    },
)


def list_factors(reading: Reading, user_id: UUID, listing: Listing) -> dict[str, Any]:
    """A page of a user's factors. Raises `NotFound` for a user who is absent or out of reach."""
    _require_user(reading, user_id)
    return listing.fetch(reading.connection, _shown(reading, user_id), _present)


def factors_on_page(reading: Reading, user_id: UUID) -> list[dict[str, Any]]:
    """All factors of a user, the oldest first."""
    rows = reading.connection.execute(
        _shown(reading, user_id).order_by(_columns.created_at, _columns.id)
    )
    return [_present(row) for row in rows]


def get_factor(at: Reading | UnitOfWork, user_id: UUID, factor_id: UUID) -> dict[str, Any]:
    """A user's factor as the API shows it. Raises `NotFound`."""
    row = at.connection.execute(_shown(at, user_id).where(_columns.id == factor_id)).first()
    if row is None:
        raise NotFound.of("factor", factor_id)
    return _present(row)


def get_recovery_codes(at: Reading | UnitOfWork, user_id: UUID) -> dict[str, Any]:
    """How many recovery codes a user has that still work, and when they were made."""
    row = at.connection.execute(
        sa.select(sa.func.count(), sa.func.max(_codes.created_at)).where(
            _codes.tenant_id == at.caller.tenant_id,
            _codes.user_id == user_id,
            _codes.used_at.is_(None),
        )
    ).one()
    return {"left": row[0], "made_at": row[1]}


def unused_codes(reading: Reading, user_id: UUID) -> list[tuple[UUID, str]]:
    """Id and hash of the codes that still work."""
    rows = reading.connection.execute(
        sa.select(_codes.id, _codes.hash)
        .where(
            _codes.tenant_id == reading.caller.tenant_id,
            _codes.user_id == user_id,
            _codes.used_at.is_(None),
        )
        .order_by(_codes.id)
    )
    return [(row.id, row.hash) for row in rows]


def passkeys_of(reading: Reading, user_id: UUID) -> list[Passkey]:
    """The passkeys of a user, for what a browser is asked."""
    names = Passkey.__slots__
    rows = reading.connection.execute(
        sa.select(*(_columns[name] for name in names)).where(
            _columns.tenant_id == reading.caller.tenant_id,
            _columns.user_id == user_id,
            _columns.kind == FactorKind.PASSKEY.value,
        )
    )
    return [
        Passkey(bytes(r.credential_id), bytes(r.public_key), r.sign_count, r.synced) for r in rows
    ]


def _require_user(reading: Reading, user_id: UUID) -> None:
    statement = sa.select(users.c.id).where(
        users.c.tenant_id == reading.caller.tenant_id, users.c.id == user_id
    )
    narrowed = reading.scope.narrow(statement, users.c.id)
    if reading.connection.execute(narrowed).first() is None:
        raise NotFound.of("user", user_id)


def _shown(at: Reading | UnitOfWork, user_id: UUID) -> sa.Select[Any]:
    return sa.select(
        _columns.id,
        _columns.version,
        _columns.kind,
        _columns.name,
        _columns.synced,
        _columns.created_at,
        _columns.last_used_at,
    ).where(_columns.tenant_id == at.caller.tenant_id, _columns.user_id == user_id)


def _present(row: sa.Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)
