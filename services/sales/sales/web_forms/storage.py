"""How web forms and what they hold back are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from sales.web_forms.domain import (
    FormConsent,
    FormDefinition,
    FormField,
    FormFieldName,
    FormSubmission,
    SubmissionState,
    Suspicion,
    WebForm,
)

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

web_forms = sa.Table(
    "web_forms",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
form_submissions = sa.Table(
    "form_submissions",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("web_form_id", _uuid, nullable=False),
    sa.Column("state", _word, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Column("variant", sa.Text, nullable=False),
    sa.Column("received_at", _time, nullable=False),
    sa.Column("reviewed_at", _time),
    sa.Column("reviewed_by", sa.Text),
    sa.Column("lead_id", _uuid),
)
_FORM = ("name", "created_at", "updated_at", "archived_at")
_SUBMISSION = (
    "web_form_id",
    "answers",
    "variant",
    "received_at",
    "reviewed_at",
    "reviewed_by",
    "lead_id",
)
_WORDS = ("source", "campaign", "landing_page", "min_fill_seconds")
_LISTS = ("variants", "allowed_origins", "thank_you_urls")


class WebFormsRepository(Repository[WebForm]):
    """Web forms for a change."""

    table = web_forms
    kind = "web form"

    def count(self) -> int:
        """How many there are, archived ones included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"forms": 0}
        return int(row["forms"])

    def _aggregate(self, row: sa.RowMapping) -> WebForm:
        return web_form_of(row)

    def _row(self, aggregate: WebForm) -> dict[str, Any]:
        own = {name: getattr(aggregate, name) for name in _FORM}
        return {**own, "definition": document_of(aggregate.definition)}


class FormSubmissionsRepository(Repository[FormSubmission]):
    """Submissions that were held back, for a change; and which tickets were used."""

    table = form_submissions
    kind = "form submission"

    def waiting(self, web_form_id: UUID) -> int:
        """How many of a form wait to be looked at."""
        about = {"tenant_id": self._tx.tenant_id, "web_form_id": web_form_id}
        row = self._tx.fetch_one(_WAITING, about) or {"waiting": 0}
        return int(row["waiting"])

    def use_ticket(self, ticket: str) -> bool:
        """Take a ticket; False when it was used before. Who uses it at the same time waits."""
        about = {"tenant_id": self._tx.tenant_id, "ticket": ticket}
        return self._tx.fetch_one(_USE, about) is not None

    def forget_ticket(self, ticket: str) -> None:
        """Have a ticket that holds no longer forgotten."""
        self._tx.write(_FORGET, {"tenant_id": self._tx.tenant_id, "ticket": ticket})

    def _aggregate(self, row: sa.RowMapping) -> FormSubmission:
        return submission_of(row)

    def _row(self, aggregate: FormSubmission) -> dict[str, Any]:
        own = {name: getattr(aggregate, name) for name in (*_SUBMISSION, "state")}
        return {**own, "reasons": [*aggregate.reasons]}


def web_form_of(row: Mapping[str, Any] | sa.RowMapping) -> WebForm:
    """The form that a row of the table stands for."""
    own = {name: row[name] for name in _FORM}
    definition = definition_of(row["definition"])
    return WebForm(id=row["id"], version=row["version"], definition=definition, **own)


def submission_of(row: Mapping[str, Any] | sa.RowMapping) -> FormSubmission:
    """The submission that a row of the table stands for."""
    return FormSubmission(
        id=row["id"],
        version=row["version"],
        state=SubmissionState(row["state"]),
        reasons=tuple(Suspicion(one) for one in row["reasons"]),
        **{name: row[name] for name in _SUBMISSION},
    )


def document_of(definition: FormDefinition) -> dict[str, Any]:
    """A definition as JSON has it."""
    return {
        "fields": [
            {"name": one.name.value, "label": dict(one.label), "required": one.required}
            for one in definition.fields
        ],
        "consents": [
            {
                "purpose": one.purpose,
                "channel": one.channel,
                "wording": dict(one.wording),
                "required": one.required,
            }
            for one in definition.consents
        ],
        **{name: getattr(definition, name) for name in _WORDS},
        **{name: list(getattr(definition, name)) for name in _LISTS},
        "owner_id": None if definition.owner_id is None else str(definition.owner_id),
    }


def definition_of(document: Mapping[str, Any]) -> FormDefinition:
    """The definition that JSON stands for."""
    owner_id = document["owner_id"]
    plain: dict[str, Any] = {name: document[name] for name in _WORDS}
    plain |= {name: tuple(document[name]) for name in _LISTS}
    return FormDefinition(
        fields=tuple(
            FormField(FormFieldName(one["name"]), one["label"], one["required"])
            for one in document["fields"]
        ),
        consents=tuple(FormConsent(**one) for one in document["consents"]),
        **plain,
        owner_id=None if owner_id is None else UUID(owner_id),
    )


_COUNT = Statement("SELECT count(*) AS forms FROM web_forms WHERE tenant_id = %(tenant_id)s")
_WAITING = Statement(
    "SELECT count(*) AS waiting FROM form_submissions WHERE tenant_id = %(tenant_id)s"
    " AND web_form_id = %(web_form_id)s AND state = 'quarantined'"
)
_USE = Statement(
    "INSERT INTO used_form_tickets (tenant_id, ticket) VALUES (%(tenant_id)s, %(ticket)s)"
    " ON CONFLICT DO NOTHING RETURNING ticket"
)
_FORGET = Statement(
    "DELETE FROM used_form_tickets WHERE tenant_id = %(tenant_id)s AND ticket = %(ticket)s"
)
