"""Reads mail to customers, straight to the response: within reach goes by its ticket."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.storage.listing import Listing, ListSpec, choice_filter, time_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from desk.outbound_mail.domain import Kind, MailState
from desk.outbound_mail.storage import outbound_mails
from desk.tickets.reach import ids_within

_columns = outbound_mails.c
_hidden = ("tenant_id", "told_version", "address", "place")
_shown = sa.select(*(column for column in _columns if column.name not in _hidden))

OUTBOUND_MAILS = ListSpec(
    key=_columns.id,
    sorts={"asked_at": _columns.asked_at},
    default_sort="-asked_at",
    filters={
        "ticket_id": uuid_filter(_columns.ticket_id),
        "message_id": uuid_filter(_columns.message_id),
        "state": choice_filter(_columns.state, *MailState),
        "kind": choice_filter(_columns.kind, *Kind),
        "asked_at": time_filter(_columns.asked_at),
    },
)


def list_outbound_mails(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of mails about tickets within reach."""
    statement = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    tickets = ids_within(reading)
    if tickets is not None:
        statement = statement.where(_columns.ticket_id.in_(tickets))
    return listing.fetch(reading.connection, statement, lambda row: dict(row._mapping))
