"""Facts about tickets to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none, moment
from desk.ticket_facts.domain import (
    TicketAssigned,
    TicketChanged,
    TicketClosed,
    TicketHeader,
    TicketLinked,
    TicketMerged,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketSplit,
    TicketStatusChanged,
    TicketUnlinked,
)
from rapport.desk.events.v1 import ticket_events_pb2 as events
from rapport.desk.v1 import ticket_pb2


def header(ticket: TicketHeader) -> ticket_pb2.TicketHeader:
    """What every fact says of its ticket."""
    return ticket_pb2.TicketHeader(
        ticket_id=str(ticket.ticket_id),
        number=ticket.number,
        person_id=id_or_none(ticket.person_id),
        company_id=id_or_none(ticket.company_id),
        type=ticket.type,
        priority=ticket.priority,
        status=ticket.status,
        queue_id=id_or_none(ticket.queue_id),
        team_id=id_or_none(ticket.team_id),
        assignee_id=id_or_none(ticket.assignee_id),
        channel=ticket.channel,
        language=ticket.language,
        product_sku=ticket.product_sku,
        asset_id=id_or_none(ticket.asset_id),
        tags=ticket.tags,
        opened_at=moment(ticket.opened_at),
        problem_id=id_or_none(ticket.problem_id),
        reopened=ticket.reopened,
    )


def _opened(fact: TicketOpened) -> events.TicketOpened:
    return events.TicketOpened(
        **_about(fact.ticket),
        person_id=id_or_none(fact.ticket.person_id),
        channel=fact.ticket.channel,
        opened_by=id_or_none(fact.opened_by),
        follow_up_of=id_or_none(fact.follow_up_of),
        opened_at=moment(fact.ticket.opened_at),
    )


def _changed(fact: TicketChanged) -> events.TicketChanged:
    return events.TicketChanged(
        **_about(fact.ticket),
        changed_fields=fact.changed_fields,
        previous_priority=fact.previous_priority,
        previous_type=fact.previous_type,
        changed_at=moment(fact.at),
    )


def _assigned(fact: TicketAssigned) -> events.TicketAssigned:
    return events.TicketAssigned(
        **_about(fact.ticket),
        from_queue_id=id_or_none(fact.from_queue_id),
        from_assignee_id=id_or_none(fact.from_assignee_id),
        cause=fact.cause,
        assigned_at=moment(fact.at),
    )


def _status(fact: TicketStatusChanged) -> events.TicketStatusChanged:
    return events.TicketStatusChanged(
        **_about(fact.ticket),
        from_status=fact.from_status,
        to_status=fact.ticket.status,
        cause=fact.cause,
        changed_at=moment(fact.at),
    )


def _resolved(fact: TicketResolved) -> events.TicketResolved:
    return events.TicketResolved(
        **_about(fact.ticket),
        person_id=id_or_none(fact.ticket.person_id),
        actor=fact.actor,
        article_id=id_or_none(fact.article_id),
        resolved_at=moment(fact.at),
    )


def _reopened(fact: TicketReopened) -> events.TicketReopened:
    return events.TicketReopened(
        **_about(fact.ticket),
        person_id=id_or_none(fact.ticket.person_id),
        cause=fact.cause,
        reopened_at=moment(fact.at),
    )


def _closed(fact: TicketClosed) -> events.TicketClosed:
    return events.TicketClosed(**_about(fact.ticket), cause=fact.cause, closed_at=moment(fact.at))


def _merged(fact: TicketMerged) -> events.TicketMerged:
    return events.TicketMerged(
        **_about(fact.ticket), into_id=str(fact.into_id), merged_at=moment(fact.at)
    )


def _split(fact: TicketSplit) -> events.TicketSplit:
    return events.TicketSplit(
        **_about(fact.ticket),
        new_ticket_id=str(fact.new_ticket_id),
        message_ids=map(str, fact.message_ids),
        split_at=moment(fact.at),
    )


def _linked(fact: TicketLinked) -> events.TicketLinked:
    return events.TicketLinked(
        **_about(fact.ticket),
        link_id=str(fact.link_id),
        other_id=str(fact.other_id),
        kind=fact.kind,
        linked_at=moment(fact.at),
    )


def _unlinked(fact: TicketUnlinked) -> events.TicketUnlinked:
    return events.TicketUnlinked(
        **_about(fact.ticket),
        link_id=str(fact.link_id),
        other_id=str(fact.other_id),
        kind=fact.kind,
        unlinked_at=moment(fact.at),
    )


def _about(ticket: TicketHeader) -> dict[str, Any]:
    return {"ticket_id": str(ticket.ticket_id), "ticket": header(ticket)}


TICKET_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    TicketOpened: _opened,
    TicketChanged: _changed,
    TicketAssigned: _assigned,
    TicketStatusChanged: _status,
    TicketResolved: _resolved,
    TicketReopened: _reopened,
    TicketClosed: _closed,
    TicketMerged: _merged,
    TicketSplit: _split,
    TicketLinked: _linked,
    TicketUnlinked: _unlinked,
}
