"""Finds the users who may do something, by what their roles grant."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from chassis.context import Reach, covers
from chassis.storage.unit_of_work import Reading
from identity.roles.domain import Grant
from identity.roles.storage import grants_of, roles
from identity.users.domain import UserStatus
from identity.users.storage import user_roles, users


def permission_holders(
    reading: Reading, permission: str, least: Reach, role_id: UUID | None, most: int
) -> list[UUID]:
    """The users who may sign in and have the permission at least so far, the oldest first.

    With a role, those of them who have it, whichever of their roles gives the permission.
    """
    tenant_id = reading.caller.tenant_id
    granting = _granting(reading, permission, least)
    if not granting:
        return []
    statement = sa.select(users.c.id).where(
        users.c.tenant_id == tenant_id,
        users.c.status == UserStatus.ACTIVE,
        _has_one_of(granting),
    )
    if role_id is not None:
        statement = statement.where(_has_one_of([role_id]))
    found = reading.connection.execute(statement.order_by(users.c.id).limit(most))
    return list(found.scalars())


def _granting(reading: Reading, permission: str, least: Reach) -> list[UUID]:
    """The roles that give the permission, at least so far."""
    rows = reading.connection.execute(
        sa.select(roles.c.id, roles.c.grants).where(roles.c.tenant_id == reading.caller.tenant_id)
    )
    return [
        row.id
        for row in rows
        if any(_gives(grant, permission, least) for grant in grants_of(row.grants))
    ]


def _gives(grant: Grant, permission: str, least: Reach) -> bool:
    return covers(grant.permission, permission) and Reach[grant.reach.name] >= least


def _has_one_of(role_ids: list[UUID]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        user_roles.c.tenant_id == users.c.tenant_id,
        user_roles.c.user_id == users.c.id,
        user_roles.c.role_id.in_(role_ids),
    )
