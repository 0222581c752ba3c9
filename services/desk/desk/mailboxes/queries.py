"""Reads mailboxes, straight to the response; and finds them before their tenant is known."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.context import Caller
from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, text_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.mailboxes.domain import Mailbox
from desk.mailboxes.models import shown
from desk.mailboxes.storage import mailbox_of, mailbox_or_none, mailboxes

_columns = mailboxes.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

NOBODY = Caller(tenant_id=None, subject="mail")
"""Who looks for a mailbox, before it is known whose it is."""

MAILBOXES = ListSpec(
    key=_columns.id,
    sorts={"address": _columns.address, "created_at": _columns.created_at},
    default_sort="address",
    filters={
        "address": text_filter(_columns.address),
        "queue_id": uuid_filter(_columns.queue_id),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_mailbox(reading: Reading, mailbox_id: UUID) -> Mailbox:
    """A mailbox. Raises `NotFound`."""
    mailbox = mailbox_or_none(reading, mailbox_id)
    if mailbox is None:
        raise NotFound.of("mailbox", mailbox_id)
    return mailbox


def list_mailboxes(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of mailboxes; archived ones only when they are asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: shown(mailbox_of(row._mapping)))


def tenant_of_mailbox(reading: Reading, mailbox_id: UUID) -> UUID | None:
    """Whose mailbox it is, by the system login; None where there is none in use."""
    row = reading.fetch_one(_BY_ID, {"id": mailbox_id})
    return None if row is None else row["tenant_id"]


def owners_of(reading: Reading, addresses: list[str]) -> list[tuple[UUID, UUID]]:
    """Tenant and mailbox of addresses, by the system login; of those that are in use."""
    rows = reading.fetch_all(_BY_ADDRESS, {"addresses": addresses})
    return [(row["tenant_id"], row["id"]) for row in rows]


_BY_ID = Statement("SELECT tenant_id FROM mailboxes WHERE id = %(id)s AND archived_at IS NULL")
_BY_ADDRESS = Statement(
    "SELECT tenant_id, id FROM mailboxes WHERE address = ANY(%(addresses)s)"
    " AND archived_at IS NULL ORDER BY address"
)
