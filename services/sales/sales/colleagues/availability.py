"""Which users can take something new: those who may sign in, and are not away (SA-3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.teams import teams_of


class Standing(StrEnum):
    """What identity says of a user."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"


AWAY = "away"


def unavailable(
    reading: Reading | UnitOfWork, user_ids: Collection[UUID], on: date
) -> Mapping[UUID, str]:
    """Those of the users who can take nothing new on a day, each with why.

    Somebody of whom identity has said nothing since sales was there counts as active.
    """
    about = {"tenant_id": reading.caller.tenant_id, "user_ids": list(user_ids), "on": on}
    rows = reading.fetch_all(_UNAVAILABLE, about)
    # Of two reasons the last one is told: who has left is more than away.
    rows.sort(key=lambda row: row["why"] != AWAY)
    return {row["user_id"]: row["why"] for row in rows}


def is_user(reading: Reading | UnitOfWork, user_id: UUID) -> bool:
    """Whether identity has told of somebody as a user of the tenant, in whatever standing.

    Whoever calls is one, and whoever is in a team: of them more may have been told than of users
    who were there before sales.
    """
    if user_id == reading.caller.user_id:
        return True
    about = {"tenant_id": reading.caller.tenant_id, "user_id": user_id}
    if reading.fetch_one(_TOLD_OF, about) is not None:
        return True
    return user_id in teams_of(reading).everybody()


_TOLD_OF = Statement(
    "SELECT user_id FROM colleagues WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s"
)
_UNAVAILABLE = Statement(
    "SELECT user_id, 'away' AS why FROM absences WHERE tenant_id = %(tenant_id)s"
    " AND user_id = ANY(%(user_ids)s) AND first_day <= %(on)s AND last_day >= %(on)s"
    " UNION ALL SELECT user_id, status FROM colleagues WHERE tenant_id = %(tenant_id)s"
    " AND user_id = ANY(%(user_ids)s) AND status <> 'active'"
)
