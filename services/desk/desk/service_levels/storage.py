"""How policies of service levels are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.service_levels.domain import (
    Escalation,
    MinutesByPriority,
    ServiceLevel,
    Target,
    Terms,
    Warn,
)
from desk.ticket_facts.domain import Priority

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

service_levels = sa.Table(
    "service_levels",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", _word, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("condition", _word, nullable=False),
    sa.Column("business_calendar_id", _uuid),
    sa.Column("terms", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_OWN = ("created_at", "updated_at", "archived_at")
_COLUMNS = ("name", "position", "condition", "business_calendar_id")
_FLAGS = ("pauses_on_hold", "pauses_for_third_party", "grace_minutes")
_PRIORITIES = tuple(one.value for one in Priority)


class ServiceLevelsRepository(Repository[ServiceLevel]):
    """Policies for a change."""

    table = service_levels
    kind = "service level"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"policies": 0}
        return int(row["policies"])

    def is_there(self, service_level_id: UUID) -> bool:
        """Whether a policy is there, archived or not."""
        return bool(self.get_many([service_level_id]))

    def _aggregate(self, row: sa.RowMapping) -> ServiceLevel:
        return service_level_of(row)

    def _row(self, aggregate: ServiceLevel) -> dict[str, Any]:
        terms = aggregate.terms
        escalation = terms.escalation
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            **{name: getattr(terms, name) for name in _COLUMNS},
            "terms": {
                **{name: getattr(terms, name) for name in _FLAGS},
                **{target.value: _minutes(getattr(terms, target.value)) for target in Target},
                "at_percent": terms.warn.at_percent,
                "minutes_before": terms.warn.minutes_before,
                "raise_priority_to": escalation.raise_priority_to,
                "queue_id": _text(escalation.queue_id),
                "assignee_id": _text(escalation.assignee_id),
            },
        }


def service_level_of(row: Mapping[str, Any] | sa.RowMapping) -> ServiceLevel:
    """The policy that a row of the table stands for."""
    return ServiceLevel(
        id=row["id"],
        version=row["version"],
        terms=terms_of(row),
        **{name: row[name] for name in _OWN},
    )


def terms_of(row: Mapping[str, Any] | sa.RowMapping) -> Terms:
    """What the policy of a row says."""
    kept = row["terms"]
    priority = kept["raise_priority_to"]
    return Terms(
        **{name: row[name] for name in _COLUMNS},
        **{name: kept[name] for name in _FLAGS},
        first_response=MinutesByPriority(**kept["first_response"]),
        next_response=MinutesByPriority(**kept["next_response"]),
        resolution=MinutesByPriority(**kept["resolution"]),
        warn=Warn(kept["at_percent"], kept["minutes_before"]),
        escalation=Escalation(
            Priority(priority) if priority else None,
            _id(kept["queue_id"]),
            _id(kept["assignee_id"]),
        ),
    )


def policies_in_use(reading: Reading | UnitOfWork) -> Sequence[tuple[UUID, Terms]]:
    """The policies that are tried, in their order."""
    rows = reading.fetch_all(_IN_USE, {"tenant_id": reading.caller.tenant_id})
    return [(row["id"], terms_of(row)) for row in rows]


def policy_named(reading: Reading | UnitOfWork, service_level_id: UUID) -> Terms | None:
    """What a policy says, archived or not."""
    about = {"tenant_id": reading.caller.tenant_id, "id": service_level_id}
    row = reading.fetch_one(_ONE, about)
    return None if row is None else terms_of(row)


def _minutes(given: MinutesByPriority) -> dict[str, int | None]:
    return {name: getattr(given, name) for name in _PRIORITIES}


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


_COUNT = Statement(
    "SELECT count(*) AS policies FROM service_levels WHERE tenant_id = %(tenant_id)s"
)
_SAYS = "SELECT id, name, position, condition, business_calendar_id, terms FROM service_levels"
_IN_USE = Statement(
    f"{_SAYS} WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL ORDER BY position, id"
)
_ONE = Statement(f"{_SAYS} WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
