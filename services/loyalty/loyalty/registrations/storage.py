"""How registrations are kept: a row each; and when somebody was asked to look over their details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from loyalty.gifts.domain import Given
from loyalty.registrations.domain import (
    UNSETTLED,
    WITH_PLACE,
    CancelReason,
    ContactRefresh,
    Registration,
    RegistrationState,
)

REGISTRATION_ONCE = "registrations_once"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

registrations = sa.Table(
    "registrations",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("activity_id", _uuid, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("member_id", _uuid, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("state", _word, nullable=False),
    sa.Column("ticket", _word, nullable=False),
    sa.Column("registered_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("checked_in_at", _time),
    sa.Column("checked_in_by", _word, nullable=False),
    sa.Column("attended_at", _time),
    sa.Column("cancel_reason", _word),
    sa.Column("points", sa.BigInteger, nullable=False),
    sa.Column("coupon_id", _uuid),
    sa.Column("recognition_id", _uuid),
)
contact_refreshes = sa.Table(
    "contact_refreshes",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("member_id", _uuid, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("activity_id", _uuid, nullable=False),
    sa.Column("asked_at", _time, nullable=False),
)
_OWN = (
    "activity_id",
    "program_id",
    "member_id",
    "person_id",
    "ticket",
    "registered_at",
    "updated_at",
    "checked_in_at",
    "checked_in_by",
    "attended_at",
)
_ASKED = ("person_id", "member_id", "program_id", "activity_id", "asked_at")


class RegistrationsRepository(Repository[Registration]):
    """Registrations for a change. Whoever counts or promotes holds the lock of the activity."""

    table = registrations
    kind = "registration"

    def counted(self, activity_id: UUID) -> Mapping[RegistrationState, int]:
        """How many registrations of an activity there are in each state."""
        self._tx.flush()
        about = {"tenant_id": self._tx.tenant_id, "activity_id": activity_id}
        rows = self._tx.fetch_all(_COUNTED, about)
        return {RegistrationState(row["state"]): int(row["registrations"]) for row in rows}

    def of_somebody(
        self, activity_id: UUID, member_id: UUID, person_id: UUID | None
    ) -> UUID | None:
        """The registration of a member, or of the same person as another one, but cancelled ones."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "activity_id": activity_id,
            "member_id": member_id,
            "person_id": person_id,
        }
        row = self._tx.fetch_one(_OF_SOMEBODY, about)
        return None if row is None else UUID(str(row["id"]))

    def by_ticket(self, activity_id: UUID, ticket: str) -> UUID | None:
        """The registration that a ticket is of; None when the activity has none such."""
        about = {"tenant_id": self._tx.tenant_id, "activity_id": activity_id, "ticket": ticket}
        row = self._tx.fetch_one(_BY_TICKET, about)
        return None if row is None else UUID(str(row["id"]))

    def next_waiting(self, activity_id: UUID, most: int) -> Sequence[Registration]:
        """Those who have waited longest, first come first served."""
        self._tx.flush()
        return self._of(activity_id, [RegistrationState.WAITLISTED], most)

    def unsettled(self, activity_id: UUID, most: int) -> Sequence[Registration]:
        """Some of those of which it is open what becomes of them."""
        self._tx.flush()
        return self._of(activity_id, list(UNSETTLED), most)

    def _of(
        self, activity_id: UUID, states: Sequence[RegistrationState], most: int
    ) -> Sequence[Registration]:
        about = {
            "tenant_id": self._tx.tenant_id,
            "activity_id": activity_id,
            "states": [state.value for state in states],
            "most": most,
        }
        return self.get_many([row["id"] for row in self._tx.fetch_all(_FIRST, about)])

    def _aggregate(self, row: sa.RowMapping) -> Registration:
        return registration_of(row)

    def _row(self, aggregate: Registration) -> dict[str, Any]:
        given = aggregate.given
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            "state": aggregate.state,
            "cancel_reason": aggregate.cancel_reason,
            "points": given.points,
            "coupon_id": given.coupon_id,
            "recognition_id": given.recognition_id,
        }


class ContactRefreshesRepository(Repository[ContactRefresh]):
    """Who was asked to look over their details; each asking stays as it was."""

    table = contact_refreshes
    kind = "contact refresh"

    def asked_since(self, person_id: UUID, since: datetime) -> bool:
        """Whether somebody was asked after a time. Others who ask the same person wait for this."""
        about = {"tenant_id": self._tx.tenant_id, "person_id": person_id, "since": since}
        self._tx.fetch_one(_ONE_ASKS, about)
        return self._tx.fetch_one(_ASKED_SINCE, about) is not None

    def _aggregate(self, row: sa.RowMapping) -> ContactRefresh:
        names = ("id", "version", *_ASKED)
        return ContactRefresh(**{name: row[name] for name in names})

    def _row(self, aggregate: ContactRefresh) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _ASKED}


def registration_of(row: Mapping[str, Any] | sa.RowMapping) -> Registration:
    """The registration that a row of the table stands for."""
    reason = row["cancel_reason"]
    return Registration(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _OWN},
        state=RegistrationState(row["state"]),
        cancel_reason=None if reason is None else CancelReason(reason),
        given=Given(row["points"], row["coupon_id"], row["recognition_id"]),
    )


def free_places(capacity: int | None, counted: Mapping[RegistrationState, int]) -> int | None:
    """How many places are left; None where there is no end of them."""
    if capacity is None:
        return None
    return max(capacity - sum(counted.get(state, 0) for state in WITH_PLACE), 0)


_HERE = "WHERE tenant_id = %(tenant_id)s AND activity_id = %(activity_id)s"
_COUNTED = Statement(
    f"SELECT state, count(*) AS registrations FROM registrations {_HERE} GROUP BY state"  # noqa: S608
)
_OF_SOMEBODY = Statement(
    f"SELECT id FROM registrations {_HERE} AND state <> 'cancelled'"  # noqa: S608
    " AND (member_id = %(member_id)s OR person_id = %(person_id)s)"
    " ORDER BY member_id <> %(member_id)s, id LIMIT 1"
)
_BY_TICKET = Statement(
    f"SELECT id FROM registrations {_HERE} AND ticket = %(ticket)s"  # noqa: S608
)
_FIRST = Statement(
    f"SELECT id FROM registrations {_HERE} AND state = ANY(%(states)s)"  # noqa: S608
    " ORDER BY registered_at, id LIMIT %(most)s"
)
_ONE_ASKS = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended("
    "'refresh ' || %(tenant_id)s::text || %(person_id)s::text, 0))"
)
_ASKED_SINCE = Statement(
    "SELECT id FROM contact_refreshes WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND asked_at > %(since)s LIMIT 1"
)
