"""How profiles are kept: a row for each person, and one for each that has to be asked about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork
from loyalty.profiles.domain import ImportantDay, Profile


def keep(tx: UnitOfWork, profile: Profile) -> None:
    """Keep what is known of a person now, in place of what was."""
    days = [{"kind": one.kind, "first": one.first.isoformat()} for one in profile.days]
    values = {
        "tenant_id": tx.tenant_id,
        "id": tx.ids.new(),
        "person_id": profile.person_id,
        "language": profile.language,
        "time_zone": profile.time_zone,
        "days": json_text(days),
        "known_at": profile.known_at,
    }
    tx.write(_KEEP, values)


def drop(tx: UnitOfWork, person_id: UUID) -> None:
    """Know nothing of a person any more."""
    tx.write(_DROP, {"tenant_id": tx.tenant_id, "person_id": person_id})


def mark_due(tx: UnitOfWork, person_id: UUID, at: datetime) -> None:
    """Have a person asked about; one who is being asked about now is asked about again."""
    tx.write(_MARK, {"tenant_id": tx.tenant_id, "person_id": person_id, "due_at": at})


def settle(tx: UnitOfWork, person_id: UUID, round_: int) -> None:
    """Ask about a person no more, unless somebody wanted it after this round had begun."""
    about = {"tenant_id": tx.tenant_id, "person_id": person_id, "round": round_}
    tx.write(_SETTLE, about)


def profile_of(row: Mapping[str, Any]) -> Profile:
    """The profile that a row stands for."""
    return Profile(
        person_id=row["person_id"],
        language=row["language"],
        time_zone=row["time_zone"],
        days=tuple(
            ImportantDay(one["kind"], date.fromisoformat(one["first"])) for one in row["days"]
        ),
        known_at=row["known_at"],
    )


_KEEP = Statement(
    "INSERT INTO profiles (tenant_id, id, person_id, language, time_zone, days, known_at)"
    " VALUES (%(tenant_id)s, %(id)s, %(person_id)s, %(language)s, %(time_zone)s, %(days)s,"
    " %(known_at)s) ON CONFLICT (tenant_id, person_id) DO UPDATE SET"
    " language = excluded.language, time_zone = excluded.time_zone, days = excluded.days,"
    " known_at = excluded.known_at"
)
_DROP = Statement(
    "DELETE FROM profiles WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
)
_MARK = Statement(
    "INSERT INTO profile_refreshes AS r (tenant_id, person_id, due_at, round, attempts)"
    " VALUES (%(tenant_id)s, %(person_id)s, %(due_at)s, 1, 0)"
    " ON CONFLICT (tenant_id, person_id) DO UPDATE"
    " SET due_at = least(r.due_at, excluded.due_at), round = r.round + 1, attempts = 0"
)
_SETTLE = Statement(
    "DELETE FROM profile_refreshes WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND round = %(round)s"
)
