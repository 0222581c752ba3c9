"""Counts what desk itself says has happened: rows for reports, kept by facts alone (DE-13).

Facts come late, twice and out of order. Each fact about a ticket says how it stands altogether, so that
the one with the greatest version holds; each resolution and each reopening says the how-manieth it is, so
that each adds its own whatever came before; and an answer counts once by its id.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.events.reactions import Envelope, Reactions
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from rapport.desk.events.v1 import ticket_events_pb2 as events
from rapport.desk.events.v1.message_events_pb2 import PublicReplySent
from rapport.desk.v1.ticket_pb2 import TicketHeader


class AboutTicket(Protocol):
    """A fact that says how a ticket stands."""

    @property
    def ticket(self) -> TicketHeader:
        """How it stands."""
        ...


def on_any_ticket_fact(tx: UnitOfWork, fact: AboutTicket, envelope: Envelope) -> None:
    """Count the ticket as it stands, unless something later was said before; and what this fact adds."""
    header = fact.ticket
    resolved_at = closed_at = None
    match fact:
        case events.TicketResolved():
            resolved_at = _moment(fact.resolved_at)
        case events.TicketClosed():
            closed_at = _moment(fact.closed_at)
        case events.TicketReopened():
            _spell(tx, header, _moment(fact.reopened_at), None)
    ended_at = resolved_at or closed_at
    if ended_at is not None and header.reopened:
        _spell(tx, header, None, ended_at)
    values = {
        "version": envelope.aggregate_version,
        "resolved_at": resolved_at,
        "resolved_round": -1 if resolved_at is None else header.reopened,
        "closed_at": closed_at,
        "ended_at": None if header.reopened else ended_at,
    }
    tx.write(_TICKET, {"tenant_id": tx.tenant_id, **_standing(header), **values})


def on_public_reply(tx: UnitOfWork, fact: PublicReplySent, _envelope: Envelope) -> None:
    """Count the answer of a person, once; what no person wrote answers nothing."""
    if fact.automatic:
        return
    about = {"message_id": UUID(fact.message_id), "sent_at": _moment(fact.sent_at)}
    tx.write(_REPLY, {"tenant_id": tx.tenant_id, **_standing(fact.ticket), **about})


def count_tickets(reactions: Reactions) -> Reactions:
    """React to all that desk says of what reports count; gives the same."""
    for message in _told_with_header():
        reactions.on(message, on_any_ticket_fact, "projection")
    reactions.on(PublicReplySent, on_public_reply, "projection")
    return reactions


def _told_with_header() -> list[Any]:
    """The facts about tickets that say how they stand: new ones are counted as they come."""
    return [
        getattr(events, name)
        for name, message in events.DESCRIPTOR.message_types_by_name.items()
        if any(one.message_type is TicketHeader.DESCRIPTOR for one in message.fields)
    ]


def _spell(
    tx: UnitOfWork, header: TicketHeader, began_at: datetime | None, ended_at: datetime | None
) -> None:
    about = {"ticket_id": UUID(header.ticket_id), "number": header.reopened}
    tx.write(
        _SPELL, {"tenant_id": tx.tenant_id, **about, "began_at": began_at, "ended_at": ended_at}
    )


def _standing(header: TicketHeader) -> dict[str, Any]:
    words = ("type", "priority", "channel", "language", "product_sku", "reopened")
    return {
        "ticket_id": UUID(header.ticket_id),
        **{name: getattr(header, name) for name in words},
        **{name: _id(header, name) for name in _IDS},
        "tags": list(header.tags),
        "opened_at": _moment(header.opened_at),
    }


def _id(header: TicketHeader, name: str) -> UUID | None:
    return UUID(getattr(header, name)) if header.HasField(name) else None  # type: ignore[arg-type]


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)


_IDS = ("queue_id", "team_id", "assignee_id", "company_id")
_STANDING = (
    "type",
    "priority",
    "channel",
    "language",
    "product_sku",
    "queue_id",
    "team_id",
    "assignee_id",
    "company_id",
    "tags",
    "reopened",
)
_LATER = ", ".join(
    f"{name} = CASE WHEN known.version < excluded.version THEN excluded.{name} ELSE known.{name} END"
    for name in _STANDING
)
_NAMES = ", ".join(("tenant_id", "ticket_id", *_STANDING, "opened_at"))
_VALUES = ", ".join(f"%({name})s" for name in ("tenant_id", "ticket_id", *_STANDING, "opened_at"))
_TICKET = Statement(
    f"""
    INSERT INTO counted_tickets AS known
        ({_NAMES}, version, resolved_at, resolved_round, closed_at, ended_at)
    VALUES ({_VALUES}, %(version)s, %(resolved_at)s, %(resolved_round)s, %(closed_at)s,
        %(ended_at)s)
    ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET
        version = greatest(known.version, excluded.version),
        resolved_at = CASE WHEN known.resolved_round < excluded.resolved_round
            THEN excluded.resolved_at ELSE known.resolved_at END,
        resolved_round = greatest(known.resolved_round, excluded.resolved_round),
        closed_at = coalesce(known.closed_at, excluded.closed_at),
        ended_at = least(known.ended_at, excluded.ended_at),
        {_LATER}
    """  # noqa: S608 - columns of our own
)
_SPELL = Statement(
    "INSERT INTO counted_spells AS known (tenant_id, ticket_id, number, began_at, ended_at)"
    " VALUES (%(tenant_id)s, %(ticket_id)s, %(number)s, %(began_at)s, %(ended_at)s)"
    " ON CONFLICT (tenant_id, ticket_id, number) DO UPDATE SET"
    " began_at = coalesce(known.began_at, excluded.began_at),"
    " ended_at = least(known.ended_at, excluded.ended_at)"
)
_REPLY = Statement(
    f"""
    WITH added AS (
        INSERT INTO counted_replies (tenant_id, message_id, ticket_id, sent_at)
        VALUES (%(tenant_id)s, %(message_id)s, %(ticket_id)s, %(sent_at)s)
        ON CONFLICT DO NOTHING RETURNING sent_at
    )
    INSERT INTO counted_tickets AS known ({_NAMES}, version, first_reply_at, replies)
    SELECT {_VALUES}, 0, sent_at, 1 FROM added
    ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET replies = known.replies + 1,
        first_reply_at = least(known.first_reply_at, excluded.first_reply_at)
    """  # noqa: S608 - columns of our own
)
