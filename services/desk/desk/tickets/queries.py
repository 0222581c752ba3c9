"""Reads tickets, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    Operator,
    choice_filter,
    presence_filter,
    read_text,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.ticket_facts.domain import Channel, Priority, Status, TicketType
from desk.ticket_fields.filters import PREFIX, conditions_of
from desk.tickets import reach
from desk.tickets.domain import ExternalId
from desk.tickets.models import shown
from desk.tickets.storage import ticket_of, within_reach
from desk.tickets.tables import ticket_changes, ticket_tags, ticket_terms, tickets
from desk.tickets.terms import words_of

_columns = tickets.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_changes = ticket_changes.c
_AFTER = "\U0010ffff"


def _with_tag(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
    wanted = value if operator == "in" else [value]
    found = sa.select(ticket_tags.c.ticket_id).where(
        ticket_tags.c.tenant_id == _columns.tenant_id, ticket_tags.c.tag.in_(wanted)
    )
    marked = _columns.id.in_(found)
    return sa.not_(marked) if operator == "ne" else marked


TICKETS = ListSpec(
    key=_columns.id,
    sorts={
        "opened_at": _columns.opened_at,
        "updated_at": _columns.updated_at,
        "number": _columns.number,
    },
    default_sort="-opened_at",
    filters={
        "status": choice_filter(_columns.status, *Status),
        "type": choice_filter(_columns.type, *TicketType),
        "priority": choice_filter(_columns.priority, *Priority),
        "channel": choice_filter(_columns.channel, *Channel),
        "queue_id": uuid_filter(_columns.queue_id),
        "team_id": uuid_filter(_columns.team_id),
        "assignee_id": uuid_filter(_columns.assignee_id),
        "assigned": presence_filter(_columns.assignee_id),
        "person_id": uuid_filter(_columns.person_id),
        "company_id": uuid_filter(_columns.company_id),
        "requester_address": text_filter(_columns.requester_address),
        "product_sku": text_filter(_columns.product_sku),
        "asset_id": uuid_filter(_columns.asset_id),
        "problem_id": uuid_filter(_columns.problem_id),
        "merged_into_id": uuid_filter(_columns.merged_into_id),
        "language": text_filter(_columns.language),
        "tag": FilterField(read_text, _with_tag, ("eq", "ne", "in"), {"type": "string"}),
        "opened_at": time_filter(_columns.opened_at),
        "updated_at": time_filter(_columns.updated_at),
        "waiting_since": time_filter(_columns.waiting_since),
        "resolved_at": time_filter(_columns.resolved_at),
    },
    searchable=True,
    open_prefixes=(PREFIX,),
)
CHANGES = ListSpec(key=_changes.id, sorts={"at": _changes.at}, default_sort="at")


def get_ticket(reading: Reading | UnitOfWork, ticket_id: UUID) -> dict[str, Any]:
    """A ticket as the API shows one. Raises `NotFound` when absent or out of reach."""
    return shown(within_reach(reading, ticket_id))


def get_ticket_by_external_id(reading: Reading, key: ExternalId) -> dict[str, Any]:
    """The ticket that another system calls this. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "system": key.system, "id": key.id}
    row = reading.fetch_one(_BY_EXTERNAL_ID, about)
    if row is None:
        raise NotFound.of("ticket", f"{key.system}/{key.id}")
    return get_ticket(reading, row["ticket_id"])


def list_tickets(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of tickets; with `q` those that have a word for each of its words which begins with it."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if listing.query is not None:
        words = words_of(listing.query)
        base = base.where(*(_has(reading, word) for word in words) if words else (sa.false(),))
    base = base.where(*conditions_of(reading, listing.open_filters))
    base = reach.narrow(reading, base)
    return listing.fetch(reading.connection, base, lambda row: shown(ticket_of(row._mapping)))


def has_incidents(reading: Reading | UnitOfWork, ticket_id: UUID) -> bool:
    """Whether any ticket hangs on this one as its problem, whosever it is."""
    about = {"tenant_id": reading.caller.tenant_id, "problem_id": ticket_id}
    return reading.fetch_one(_INCIDENT, about) is not None


def list_history(reading: Reading, listing: Listing, ticket_id: UUID) -> dict[str, Any]:
    """A page of what happened to a ticket, oldest first unless asked otherwise. Raises `NotFound`."""
    within_reach(reading, ticket_id)
    hidden = ("tenant_id", "version", "ticket_id")
    base = sa.select(*(column for column in _changes if column.name not in hidden)).where(
        _changes.tenant_id == reading.caller.tenant_id, _changes.ticket_id == ticket_id
    )
    return listing.fetch(reading.connection, base, _entry)


def _entry(row: sa.Row[Any]) -> dict[str, Any]:
    entry = dict(row._mapping)
    return {**entry, "changes": {**entry.pop("texts"), **entry["changes"]}}


def _has(reading: Reading, word: str) -> sa.ColumnElement[bool]:
    term = ticket_terms.c.term
    found = sa.select(ticket_terms.c.ticket_id).where(
        ticket_terms.c.tenant_id == reading.caller.tenant_id, term >= word, term < word + _AFTER
    )
    return _columns.id.in_(found)


_BY_EXTERNAL_ID = Statement(
    "SELECT ticket_id FROM ticket_external_ids"
    " WHERE tenant_id = %(tenant_id)s AND system = %(system)s AND id = %(id)s"
)
_INCIDENT = Statement(
    "SELECT id FROM tickets WHERE tenant_id = %(tenant_id)s AND problem_id = %(problem_id)s LIMIT 1"
)
