"""Which users there are, and which of them may sign in."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from chassis.access.directory import load
from chassis.storage.database import OpenSession
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork


class Standing(StrEnum):
    """What identity says of a user."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"


def gone(reading: Reading | UnitOfWork, user_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the users who may not sign in; of whom nothing was said counts as active."""
    about = {"tenant_id": reading.caller.tenant_id, "user_ids": list(user_ids)}
    return frozenset(row["user_id"] for row in reading.fetch_all(_GONE, about))


def unknown(reading: Reading | UnitOfWork, user_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those who are no users of the tenant, as far as identity has told.

    Whoever calls is one, and whoever is in a team: of them more may have been told than of users
    who were there before the desk.
    """
    left = set(user_ids) - {reading.caller.user_id}
    if not left or reading.caller.tenant_id is None:
        return frozenset()
    about = {"tenant_id": reading.caller.tenant_id, "user_ids": list(left)}
    left -= {row["user_id"] for row in reading.fetch_all(_TOLD_OF, about)}
    if not left:
        return frozenset()
    snapshot = load(OpenSession(reading.connection), reading.caller.tenant_id, None)
    in_teams = [] if snapshot is None else snapshot.members.values()
    return frozenset(left).difference(*in_teams)


_TOLD_OF = Statement(
    "SELECT user_id FROM colleagues WHERE tenant_id = %(tenant_id)s AND user_id = ANY(%(user_ids)s)"
)
_GONE = Statement(
    "SELECT user_id FROM colleagues WHERE tenant_id = %(tenant_id)s"
    " AND user_id = ANY(%(user_ids)s) AND status <> 'active'"
)
