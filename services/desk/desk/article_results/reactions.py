"""Hears from desk itself which tickets articles have solved: a projection, in whatever order it is told."""

from __future__ import annotations

from datetime import UTC
from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from rapport.desk.events.v1.ticket_events_pb2 import TicketReopened, TicketResolved


def on_ticket_resolved(tx: UnitOfWork, fact: TicketResolved, envelope: Envelope) -> None:
    """Note which article has solved a ticket, or that none has."""
    _note(
        tx,
        fact.ticket_id,
        envelope,
        article_id=UUID(fact.article_id) if fact.HasField("article_id") else None,
        solved_at=fact.resolved_at.ToDatetime(UTC),
    )


def on_ticket_reopened(tx: UnitOfWork, fact: TicketReopened, envelope: Envelope) -> None:
    """Note that the ticket was not solved after all."""
    at = fact.reopened_at.ToDatetime(UTC)
    _note(tx, fact.ticket_id, envelope, article_id=None, solved_at=at)


def follow_solutions(reactions: Reactions) -> Reactions:
    """React to what desk tells of tickets; gives the same."""
    reactions.on(TicketResolved, on_ticket_resolved, "projection")
    reactions.on(TicketReopened, on_ticket_reopened, "projection")
    return reactions


def _note(tx: UnitOfWork, ticket_id: str, envelope: Envelope, **about: object) -> None:
    tx.write(
        _NOTE,
        {
            "tenant_id": tx.tenant_id,
            "ticket_id": UUID(ticket_id),
            "heard": envelope.aggregate_version,
            **about,
        },
    )


_NOTE = Statement(
    "INSERT INTO article_solutions AS s (tenant_id, ticket_id, article_id, aggregate_version,"
    " solved_at) VALUES (%(tenant_id)s, %(ticket_id)s, %(article_id)s, %(heard)s, %(solved_at)s)"
    " ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET article_id = EXCLUDED.article_id,"
    " aggregate_version = EXCLUDED.aggregate_version, solved_at = EXCLUDED.solved_at"
    " WHERE s.aggregate_version < EXCLUDED.aggregate_version"
)
