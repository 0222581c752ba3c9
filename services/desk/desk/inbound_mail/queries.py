"""Reads mail from customers, straight to the response: within reach goes by its ticket."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.inbound_mail.domain import InboundMail, Outcome
from desk.inbound_mail.storage import inbound_mails, mail_of
from desk.tickets.reach import ids_within

_columns = inbound_mails.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_hidden = ("tenant_id", "key")
_shown = sa.select(*(column for column in _columns if column.name not in _hidden))

INBOUND_MAILS = ListSpec(
    key=_columns.id,
    sorts={"received_at": _columns.received_at},
    default_sort="-received_at",
    filters={
        "mailbox_id": uuid_filter(_columns.mailbox_id),
        "ticket_id": uuid_filter(_columns.ticket_id),
        "outcome": choice_filter(_columns.outcome, *Outcome),
        "reason": text_filter(_columns.reason),
        "sender": text_filter(_columns.sender),
        "received_at": time_filter(_columns.received_at),
    },
)


def list_inbound_mails(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of mails: those of tickets within reach, and with reach over all those of none."""
    return listing.fetch(
        reading.connection, _within(reading, _shown), lambda row: dict(row._mapping)
    )


def get_inbound_mail(reading: Reading | UnitOfWork, mail_id: UUID) -> InboundMail:
    """A mail. Raises `NotFound` when absent or out of reach."""
    statement = _within(reading, _all).where(_columns.id == mail_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("mail", mail_id)
    return mail_of(row)


def shown(mail: InboundMail) -> dict[str, Any]:
    """A mail as the API shows one."""
    own = (
        "id version mailbox_id header_id sender sender_name reply_to subject automatic left_out"
        " received_at decided_at"
    ).split()
    landing = mail.landing
    return {
        **{name: getattr(mail, name) for name in own},
        "outcome": landing.outcome,
        "reason": landing.reason,
        "ticket_id": landing.ticket_id,
        "message_id": landing.message_id,
    }


def _within(reading: Reading | UnitOfWork, statement: sa.Select[Any]) -> sa.Select[Any]:
    statement = statement.where(_columns.tenant_id == reading.caller.tenant_id)
    tickets = ids_within(reading)
    return statement if tickets is None else statement.where(_columns.ticket_id.in_(tickets))
