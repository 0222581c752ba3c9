"""Reads users, straight to the response."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.domain import NotFound
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    Operator,
    choice_filter,
    read_text,
    read_uuid,
    time_filter,
)
from chassis.storage.unit_of_work import Reading, UnitOfWork
from identity.domain import email_key
from identity.roles.built_in import ADMINISTRATOR
from identity.roles.storage import roles
from identity.teams.storage import team_members
from identity.users.domain import UserStatus
from identity.users.storage import user_roles, users

_columns = users.c


def _ids(statement: Any) -> sa.ColumnElement[Any]:
    """The identifiers that a statement finds, as one column."""
    return sa.func.array(statement.scalar_subquery(), type_=ARRAY(_columns.id.type))


_role_ids = _ids(
    sa.select(user_roles.c.role_id)
    .where(user_roles.c.tenant_id == _columns.tenant_id, user_roles.c.user_id == _columns.id)
    .order_by(user_roles.c.role_id)
)
_team_ids = _ids(
    sa.select(team_members.c.team_id)
    .where(team_members.c.tenant_id == _columns.tenant_id, team_members.c.user_id == _columns.id)
    .order_by(team_members.c.team_id)
)
_shown = sa.select(
    _columns.id,
    _columns.version,
    _columns.email,
    _columns.name,
    _columns.locale,
    _columns.time_zone,
    _columns.status,
    _columns.email_verified_at.is_not(None).label("email_verified"),
    _columns.invitation_expires_at,
    _role_ids.label("role_ids"),
    _team_ids.label("team_ids"),
    _columns.created_at,
    _columns.updated_at,
)


def _by_email(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
    keys = [email_key(each) for each in (value if operator == "in" else [value])]
    return _columns.email_key.in_(keys)


def _having(table: sa.Table, column: str) -> FilterField:
    """A filter for users that a table ties to an identifier."""

    def condition(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
        wanted = value if operator == "in" else [value]
        return _columns.id.in_(
            sa.select(table.c.user_id).where(
                table.c.tenant_id == _columns.tenant_id, table.c[column].in_(wanted)
            )
        )

    return FilterField(read_uuid, condition, ("eq", "in"), {"type": "string", "format": "uuid"})


USERS = ListSpec(
    key=_columns.id,
    sorts={
        "name": _columns.name,
        "email": _columns.email_key,
        "created_at": _columns.created_at,
        "updated_at": _columns.updated_at,
    },
    default_sort="name",
    filters={
        "status": choice_filter(_columns.status, *UserStatus),
        "email": FilterField(read_text, _by_email, ("eq", "in"), {"type": "string"}),
        "role_id": _having(user_roles, "role_id"),
        "team_id": _having(team_members, "team_id"),
        "invitation_expires_at": time_filter(_columns.invitation_expires_at),
        "created_at": time_filter(_columns.created_at),
        "updated_at": time_filter(_columns.updated_at),
    },
    searchable=True,
)


def get_user(reading: Reading | UnitOfWork, user_id: UUID) -> dict[str, Any]:
    """The user as the API shows one. Raises `NotFound` when absent or out of reach."""
    statement = _shown.where(_columns.tenant_id == reading.caller.tenant_id, _columns.id == user_id)
    narrowed = reading.scope.narrow(statement, _columns.id)
    row = reading.connection.execute(narrowed).mappings().first()
    if row is None:
        raise NotFound.of("user", user_id)
    return dict(row)


def list_users(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of users; a search looks into names and addresses."""
    base = _shown.add_columns(_columns.email_key).where(
        _columns.tenant_id == reading.caller.tenant_id
    )
    if listing.query is not None:
        text = listing.query.strip().lower()
        base = base.where(
            sa.or_(
                sa.func.lower(_columns.name).contains(text, autoescape=True),
                _columns.email_key.contains(email_key(text), autoescape=True),
            )
        )
    base = reading.scope.narrow(base, _columns.id)
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, _present)
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def _present(row: sa.Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name != "email_key"}


def get_users(reading: Reading, user_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Those of the users that there are within reach, in the order asked for."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id.in_(user_ids)
    )
    narrowed = reading.scope.narrow(statement, _columns.id)
    found = {row["id"]: dict(row) for row in reading.connection.execute(narrowed).mappings()}
    return [found[user_id] for user_id in dict.fromkeys(user_ids) if user_id in found]


def missing_users(reading: Reading | UnitOfWork, user_ids: Iterable[UUID]) -> list[UUID]:
    """Those of the identifiers that are no user's; sorted."""
    wanted = set(user_ids)
    found = reading.connection.execute(
        sa.select(_columns.id).where(
            _columns.tenant_id == reading.caller.tenant_id, _columns.id.in_(wanted)
        )
    ).scalars()
    return sorted(wanted - set(found))


def administrators(reading: Reading, most: int) -> list[UUID]:
    """The users who may sign in and have the built-in role of administrators, the oldest first."""
    tenant_id = reading.caller.tenant_id
    statement = (
        sa.select(_columns.id)
        .join(
            user_roles,
            sa.and_(
                user_roles.c.tenant_id == _columns.tenant_id, user_roles.c.user_id == _columns.id
            ),
        )
        .join(
            roles,
            sa.and_(
                roles.c.tenant_id == user_roles.c.tenant_id, roles.c.id == user_roles.c.role_id
            ),
        )
        .where(
            _columns.tenant_id == tenant_id,
            roles.c.key == ADMINISTRATOR,
            _columns.status == UserStatus.ACTIVE,
        )
        .order_by(_columns.id)
        .limit(most)
    )
    return list(reading.connection.execute(statement).scalars())


def count_active_with_role(reading: Reading | UnitOfWork, role_id: UUID, *, but: UUID) -> int:
    """How many users other than `but` may sign in and have this role."""
    return reading.connection.execute(
        sa.select(sa.func.count())
        .select_from(user_roles)
        .join(
            users,
            sa.and_(
                _columns.tenant_id == user_roles.c.tenant_id, _columns.id == user_roles.c.user_id
            ),
        )
        .where(
            user_roles.c.tenant_id == reading.caller.tenant_id,
            user_roles.c.role_id == role_id,
            user_roles.c.user_id != but,
            _columns.status == UserStatus.ACTIVE,
        )
    ).scalar_one()
