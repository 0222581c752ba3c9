"""Reads web forms and what they hold back, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.database import Database
from chassis.storage.listing import (
    Listing,
    ListSpec,
    archived_filter,
    choice_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from sales.web_forms.domain import SubmissionState, WebForm
from sales.web_forms.models import shown, submission_shown
from sales.web_forms.storage import form_submissions, submission_of, web_form_of, web_forms

_form = web_forms.c
_submission = form_submissions.c
_forms = sa.select(*(column for column in _form if column.name != "tenant_id"))
_submissions = sa.select(*(column for column in _submission if column.name != "tenant_id"))

WEB_FORMS = ListSpec(
    key=_form.id,
    sorts={"created_at": _form.created_at},
    default_sort="-created_at",
    filters={"archived": archived_filter(_form.archived_at)},
)
FORM_SUBMISSIONS = ListSpec(
    key=_submission.id,
    sorts={"received_at": _submission.received_at},
    default_sort="-received_at",
    filters={
        "web_form_id": uuid_filter(_submission.web_form_id),
        "state": choice_filter(_submission.state, *SubmissionState),
        "received_at": time_filter(_submission.received_at),
    },
)


def tenant_of_form(database: Database, web_form_id: UUID) -> UUID | None:
    """Whose form it is; None when there is no such form."""
    statement = sa.select(_form.tenant_id).where(_form.id == web_form_id)
    with database.system_transaction() as connection:
        found: UUID | None = connection.execute(statement).scalar()
    return found


def find_web_form(reading: Reading, web_form_id: UUID) -> WebForm:
    """The form. Raises `NotFound`."""
    statement = _forms.where(_form.tenant_id == reading.caller.tenant_id, _form.id == web_form_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("web form", web_form_id)
    return web_form_of(row)


def get_web_form(reading: Reading, web_form_id: UUID) -> dict[str, Any]:
    """The form as the API shows one. Raises `NotFound`."""
    return shown(find_web_form(reading, web_form_id))


def list_web_forms(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of forms; archived ones only when they are asked for."""
    base = _forms.where(_form.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_form.archived_at.is_(None))
    return listing.fetch(
        reading.connection, base, lambda row: shown(web_form_of(dict(row._mapping)))
    )


def get_submission(reading: Reading, submission_id: UUID) -> dict[str, Any]:
    """The submission as the API shows one. Raises `NotFound`."""
    statement = _submissions.where(
        _submission.tenant_id == reading.caller.tenant_id, _submission.id == submission_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("form submission", submission_id)
    return submission_shown(submission_of(row))


def list_submissions(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of submissions that were held back."""
    base = _submissions.where(_submission.tenant_id == reading.caller.tenant_id)
    return listing.fetch(
        reading.connection,
        base,
        lambda row: submission_shown(submission_of(dict(row._mapping))),
    )
