"""Reads forms of tickets, and what they hold back, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    archived_filter,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from desk.ticket_forms.domain import SubmissionState
from desk.ticket_forms.models import held_shown, shown
from desk.ticket_forms.storage import (
    find_form,
    form_of,
    held_of,
    ticket_forms,
    ticket_submissions,
)

_forms = ticket_forms.c
_held = ticket_submissions.c

FORMS = ListSpec(
    key=_forms.id,
    sorts={"created_at": _forms.created_at, "key": _forms.key},
    default_sort="key",
    filters={"key": text_filter(_forms.key), "archived": archived_filter(_forms.archived_at)},
)
SUBMISSIONS = ListSpec(
    key=_held.id,
    sorts={"received_at": _held.received_at},
    default_sort="-received_at",
    filters={
        "ticket_form_id": uuid_filter(_held.ticket_form_id),
        "state": choice_filter(_held.state, *SubmissionState),
        "received_at": time_filter(_held.received_at),
    },
)


def list_forms(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of forms; archived ones only when asked for."""
    base = sa.select(*(column for column in _forms if column.name != "tenant_id"))
    base = base.where(_forms.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_forms.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: shown(form_of(row._mapping)))


def get_form(reading: Reading, form_id: UUID) -> dict[str, Any]:
    """A form. Raises `NotFound`."""
    return shown(find_form(reading, form_id))


def list_submissions(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of what was held back, the latest first unless asked otherwise."""
    base = sa.select(*(column for column in _held if column.name != "tenant_id"))
    base = base.where(_held.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, base, lambda row: held_shown(held_of(row._mapping)))


def get_submission(reading: Reading, submission_id: UUID) -> dict[str, Any]:
    """What was held back. Raises `NotFound`."""
    base = sa.select(*(column for column in _held if column.name != "tenant_id"))
    statement = base.where(_held.tenant_id == reading.caller.tenant_id, _held.id == submission_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("ticket submission", submission_id)
    return held_shown(held_of(row))
