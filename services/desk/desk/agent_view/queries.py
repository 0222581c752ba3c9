"""What desk itself knows beside a ticket, read while contacts is asked about the customer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import Reading
from desk.agent_view.models import PastTicketOut
from desk.article_suggestions.queries import suggested_articles
from desk.assets.api import READ as READ_ASSETS
from desk.assets.models import shown as asset_shown
from desk.assets.storage import asset_of, assets
from desk.clocks.queries import ticket_clocks
from desk.entitlements.api import READ as READ_ENTITLEMENTS
from desk.entitlements.queries import as_shown as entitlements_shown
from desk.entitlements.storage import entitlement_of, entitlements
from desk.messages.models import shown as message_shown
from desk.messages.storage import message_of, messages
from desk.people.named import known_as
from desk.promises.api import READ as READ_PROMISES
from desk.promises.models import shown as promise_shown
from desk.promises.storage import promise_of, promises
from desk.tenant_days.zones import day_of, zone_of
from desk.tickets import reach
from desk.tickets.domain import Ticket
from desk.tickets.models import shown as ticket_shown
from desk.tickets.storage import ticket_of, within_reach
from desk.tickets.tables import tickets

MOST_SAID = 20
MOST_PAST = 10
MOST_SUGGESTED = 5
_MOST = 20
_Mine = sa.ColumnElement[bool]


def ticket_seen(reading: Reading, ticket_id: UUID) -> tuple[Ticket, UUID | None]:
    """The ticket, and who its customer is by now. Raises `NotFound`."""
    ticket = within_reach(reading, ticket_id)
    return ticket, known_as(reading, ticket.person_id)


def own_parts(reading: Reading, ticket: Ticket, person_id: UUID | None) -> dict[str, Any]:
    """All but the customer; what the caller lacks the permission for is None. Raises `NotFound`."""
    return {
        "ticket": ticket_shown(ticket),
        **_conversation(reading, ticket.id),
        "clocks": ticket_clocks(reading, ticket.id)["items"],
        "promises": _under(reading, READ_PROMISES, lambda seen: _promises(seen, ticket.id)),
        "assets": _under(reading, READ_ASSETS, lambda seen: _assets(seen, ticket, person_id)),
        "entitlements": _under(
            reading, READ_ENTITLEMENTS, lambda seen: _entitlements(seen, ticket, person_id)
        ),
        "past_tickets": _past(reading, ticket, person_id),
        "suggested_articles": suggested_articles(reading, ticket.id, MOST_SUGGESTED),
    }


def _under(reading: Reading, permission: str, query: Callable[[Reading], Any]) -> Any:
    """What the caller sees under another permission; None where that does not reach."""
    if reading.caller.reach(permission) is None:
        return None
    try:
        return query(replace(reading, scope=Scope.under(reading.caller, permission)))
    except NotFound:
        return None


def _conversation(reading: Reading, ticket_id: UUID) -> dict[str, Any]:
    """The latest page, and how many there are: in one statement, so that both are of one moment."""
    of = messages.c
    latest = (
        sa.select(
            *(column for column in of if column.name != "tenant_id"),
            sa.func.count().over().label("whole"),
        )
        .where(of.tenant_id == reading.caller.tenant_id, of.ticket_id == ticket_id)
        .order_by(of.said_at.desc(), of.id.desc())
        .limit(MOST_SAID)
    )
    rows = reading.connection.execute(latest).mappings().all()
    return {
        "conversation": [message_shown(message_of(row)) for row in reversed(rows)],
        "conversation_count": rows[0]["whole"] if rows else 0,
    }


def _promises(reading: Reading, ticket_id: UUID) -> list[dict[str, Any]]:
    """Those that are owed first, then the latest."""
    within_reach(reading, ticket_id)
    of = promises.c
    statement = (
        sa.select(*(column for column in of if column.name != "tenant_id"))
        .where(of.tenant_id == reading.caller.tenant_id, of.ticket_id == ticket_id)
        .order_by(of.settled_at.desc().nulls_first(), of.due_at, of.id)
        .limit(_MOST)
    )
    rows = reading.connection.execute(statement).mappings()
    return [promise_shown(promise_of(dict(row))) for row in rows]


def _assets(reading: Reading, ticket: Ticket, person_id: UUID | None) -> list[dict[str, Any]]:
    """What the ticket is about first, then what else the customer has, the latest first."""
    of = assets.c
    theirs = _owned(of, ticket, person_id)
    if ticket.asset_id is not None:
        theirs.append(of.id == ticket.asset_id)
    statement = (
        sa.select(assets)
        .where(of.tenant_id == reading.caller.tenant_id, sa.or_(sa.false(), *theirs))
        .order_by(
            sa.case((of.id == ticket.asset_id, 0), else_=1), of.created_at.desc(), of.id.desc()
        )
        .limit(_MOST)
    )
    today = day_of(reading.clock.now(), zone_of(reading))
    rows = reading.connection.execute(statement).mappings()
    return [asset_shown(asset_of(row), today) for row in rows]


def _entitlements(reading: Reading, ticket: Ticket, person_id: UUID | None) -> list[dict[str, Any]]:
    """The customer's service contracts, the one that ends last first."""
    of = entitlements.c
    statement = (
        sa.select(entitlements)
        .where(
            of.tenant_id == reading.caller.tenant_id,
            sa.or_(sa.false(), *_owned(of, ticket, person_id)),
        )
        .order_by(of.ends_on.desc(), of.id)
        .limit(_MOST)
    )
    rows = reading.connection.execute(statement).mappings()
    return entitlements_shown(reading, [entitlement_of(row) for row in rows])


def _owned(of: Any, ticket: Ticket, person_id: UUID | None) -> list[_Mine]:
    """Whose it may be: the person's, or the company's that the ticket names."""
    theirs: list[_Mine] = []
    if person_id is not None:
        theirs.append(of.person_id == person_id)
    if ticket.company_id is not None:
        theirs.append(of.company_id == ticket.company_id)
    return theirs


def _past(reading: Reading, ticket: Ticket, person_id: UUID | None) -> list[dict[str, Any]]:
    """The person's other tickets within reach, the latest first; those merged into others left out."""
    if person_id is None:
        return []
    of = tickets.c
    statement = sa.select(*(column for column in of if column.name != "tenant_id")).where(
        of.tenant_id == reading.caller.tenant_id,
        of.person_id == person_id,
        of.id != ticket.id,
        of.merged_into_id.is_(None),
    )
    latest = statement.order_by(of.opened_at.desc(), of.id.desc()).limit(MOST_PAST)
    found = reading.connection.execute(reach.narrow(reading, latest)).mappings()
    every = [ticket_shown(ticket_of(row)) for row in found]
    return [{name: one[name] for name in PastTicketOut.model_fields} for one in every]
