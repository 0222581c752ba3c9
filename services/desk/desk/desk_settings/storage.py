"""How a tenant's settings of the desk are kept: one row under the tenant's own id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.one_per_tenant import OnePerTenantRepository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.desk_settings.domain import (
    BROKEN_PROMISE,
    CLOSE_AFTER_DAYS,
    DEFAULT_LANGUAGE,
    NUMBER_PREFIX,
    Preferences,
    TenantSettings,
)
from desk.service_levels.domain import Escalation
from desk.ticket_facts.domain import Priority

_uuid = PgUUID(as_uuid=True)
_word = sa.Text(collation="C")

desk_settings = sa.Table(
    "desk_settings",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("number_prefix", _word, nullable=False),
    sa.Column("close_after_days", sa.Integer, nullable=False),
    sa.Column("default_language", _word, nullable=False),
    sa.Column("broken_promise_priority", _word),
    sa.Column("broken_promise_queue_id", _uuid),
    sa.Column("broken_promise_assignee_id", _uuid),
)
_OWN = ("number_prefix", "close_after_days", "default_language")
_MAKE = Statement(
    "INSERT INTO desk_settings"
    " (tenant_id, id, version, number_prefix, close_after_days, default_language,"
    " broken_promise_priority)"
    " VALUES (%(tenant_id)s, %(tenant_id)s, 0, %(number_prefix)s, %(close_after_days)s,"
    " %(default_language)s, %(broken_promise_priority)s) ON CONFLICT DO NOTHING"
)


class DeskSettingsRepository(OnePerTenantRepository[TenantSettings]):
    """A tenant's one settings for a change."""

    table = desk_settings
    kind = "desk settings"
    make = _MAKE
    at_first: ClassVar[Mapping[str, Any]] = {
        "number_prefix": NUMBER_PREFIX,
        "close_after_days": CLOSE_AFTER_DAYS,
        "default_language": DEFAULT_LANGUAGE,
        "broken_promise_priority": BROKEN_PROMISE.raise_priority_to,
    }

    def _aggregate(self, row: sa.RowMapping) -> TenantSettings:
        return TenantSettings(id=row["id"], version=row["version"], preferences=_chosen(row))

    def _row(self, aggregate: TenantSettings) -> dict[str, Any]:
        chosen = aggregate.preferences
        return {
            **{name: getattr(chosen, name) for name in _OWN},
            "broken_promise_priority": chosen.broken_promise.raise_priority_to,
            "broken_promise_queue_id": chosen.broken_promise.queue_id,
            "broken_promise_assignee_id": chosen.broken_promise.assignee_id,
        }


def settings_of(reading: Reading | UnitOfWork) -> TenantSettings:
    """The tenant's settings to go by, read without a lock; those of all when it has none."""
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise RuntimeError("settings are a tenant's")
    row = reading.fetch_one(_READ, {"tenant_id": tenant_id})
    if row is None:
        return TenantSettings(id=tenant_id)
    return TenantSettings(id=tenant_id, version=row["version"], preferences=_chosen(row))


def preferences_of(reading: Reading | UnitOfWork) -> Preferences:
    """What the tenant has chosen, to go by."""
    return settings_of(reading).preferences


def _chosen(row: Mapping[str, Any] | sa.RowMapping) -> Preferences:
    priority = row["broken_promise_priority"]
    return Preferences(
        **{name: row[name] for name in _OWN},
        broken_promise=Escalation(
            Priority(priority) if priority else None,
            row["broken_promise_queue_id"],
            row["broken_promise_assignee_id"],
        ),
    )


_READ = Statement(
    "SELECT version, number_prefix, close_after_days, default_language,"
    " broken_promise_priority, broken_promise_queue_id, broken_promise_assignee_id FROM desk_settings WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)
