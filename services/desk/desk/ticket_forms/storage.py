"""How forms are kept, and what they hold back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import NotFound
from chassis.storage.database import Database, rows_of
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.ticket_facts.domain import TicketType
from desk.ticket_forms.domain import (
    FormDefinition,
    HeldSubmission,
    SubmissionState,
    Suspicion,
    TicketForm,
)

FORM_KEY_ONCE = "ticket_forms_key_unique"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

ticket_forms = sa.Table(
    "ticket_forms",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("allowed_origins", ARRAY(_word), nullable=False),
    sa.Column("type", _word, nullable=False),
    sa.Column("queue_id", _uuid),
    sa.Column("tags", ARRAY(_word), nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
ticket_submissions = sa.Table(
    "ticket_submissions",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("ticket_form_id", _uuid, nullable=False),
    sa.Column("state", _word, nullable=False),
    sa.Column("reasons", ARRAY(_word), nullable=False),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Column("received_at", _time, nullable=False),
    sa.Column("reviewed_at", _time),
    sa.Column("reviewed_by", _word),
    sa.Column("ticket_id", _uuid),
)
_FORM = ("key", "created_at", "updated_at", "archived_at")
_HELD = (
    "ticket_form_id",
    "answers",
    "received_at",
    "reviewed_at",
    "reviewed_by",
    "ticket_id",
)


class TicketFormsRepository(Repository[TicketForm]):
    """Forms for a change."""

    table = ticket_forms
    kind = "ticket form"

    def count(self) -> int:
        """How many there are."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id})
        return 0 if row is None else int(row["forms"])

    def _aggregate(self, row: sa.RowMapping) -> TicketForm:
        return form_of(row)

    def _row(self, aggregate: TicketForm) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            **{name: getattr(aggregate, name) for name in _FORM},
            "name": definition.name,
            "type": definition.type,
            "queue_id": definition.queue_id,
            "allowed_origins": list(definition.allowed_origins),
            "tags": list(definition.tags),
        }


class TicketSubmissionsRepository(Repository[HeldSubmission]):
    """What is held back, for a decision."""

    table = ticket_submissions
    kind = "ticket submission"

    def waiting(self, form_id: UUID) -> int:
        """How many of a form wait."""
        about = {"tenant_id": self._tx.tenant_id, "ticket_form_id": form_id}
        row = self._tx.fetch_one(_WAITING, about)
        return 0 if row is None else int(row["waiting"])

    def _aggregate(self, row: sa.RowMapping) -> HeldSubmission:
        return held_of(row)

    def _row(self, aggregate: HeldSubmission) -> dict[str, Any]:
        own = {name: getattr(aggregate, name) for name in (*_HELD, "state")}
        return {**own, "reasons": [str(one) for one in aggregate.reasons]}


def form_of(row: Mapping[str, Any] | sa.RowMapping) -> TicketForm:
    """The form that a row of the table stands for."""
    return TicketForm(
        id=row["id"],
        version=row["version"],
        definition=FormDefinition(
            name=row["name"],
            allowed_origins=tuple(row["allowed_origins"]),
            type=TicketType(row["type"]),
            queue_id=row["queue_id"],
            tags=tuple(row["tags"]),
        ),
        **{name: row[name] for name in _FORM},
    )


def held_of(row: Mapping[str, Any] | sa.RowMapping) -> HeldSubmission:
    """The submission that a row of the table stands for."""
    return HeldSubmission(
        id=row["id"],
        version=row["version"],
        state=SubmissionState(row["state"]),
        reasons=tuple(Suspicion(one) for one in row["reasons"]),
        **{name: row[name] for name in _HELD},
    )


def find_form(reading: Reading, form_id: UUID) -> TicketForm:
    """A form to go by. Raises `NotFound`."""
    row = reading.fetch_one(_ONE, {"tenant_id": reading.caller.tenant_id, "id": form_id})
    if row is None:
        raise NotFound.of("ticket form", form_id)
    return form_of(row)


def tenant_of_form(database: Database, form_id: UUID) -> UUID | None:
    """Whose form it is: looked up before the tenant is known."""
    with database.system_transaction() as connection:
        rows = rows_of(connection, _TENANT, {"id": form_id})
    return UUID(str(rows[0]["tenant_id"])) if rows else None


_ONE = Statement.of(
    sa.select(*(column for column in ticket_forms.c if column.name != "tenant_id")).where(
        ticket_forms.c.tenant_id == sa.bindparam("tenant_id"),
        ticket_forms.c.id == sa.bindparam("id"),
    )
)
_TENANT = "SELECT tenant_id FROM ticket_forms WHERE id = %(id)s"
_COUNT = Statement("SELECT count(*) AS forms FROM ticket_forms WHERE tenant_id = %(tenant_id)s")
_WAITING = Statement(
    "SELECT count(*) AS waiting FROM ticket_submissions WHERE tenant_id = %(tenant_id)s"
    " AND ticket_form_id = %(ticket_form_id)s AND state = 'quarantined'"
)
