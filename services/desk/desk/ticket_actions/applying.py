"""Does to a ticket what actions say, through the operations that people use: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.domain import Conflict
from desk.messages.adding import Said
from desk.messages.operations import note, reply
from desk.promises.domain import Promised
from desk.promises.operations import make_promise
from desk.ticket_actions.alerting import raise_alerts
from desk.ticket_actions.domain import (
    Action,
    AddNote,
    AddReply,
    Alert,
    Assign,
    MakePromise,
    MoveToQueue,
    SetStatus,
    Source,
)
from desk.ticket_actions.effects import Worded, field_changes
from desk.ticket_actions.wordings import wording_for
from desk.tickets.domain import Ticket
from desk.tickets.operations import assign_ticket, change_ticket, set_status
from desk.transaction import DeskTx

_REMIND_MINUTES = 15


def apply_actions(
    tx: DeskTx, ticket_id: UUID, actions: Sequence[Action], source: Source, *, automatic: bool
) -> Ticket:
    """Do all of it: fields first, then where it is, what is said, how it stands, and who is alerted.

    What is `automatic` no person says, so it answers nothing. Raises what the operations raise.
    """
    ticket = tx.tickets.get(ticket_id)
    changes = field_changes(ticket, actions)
    if changes:
        change_ticket(tx, ticket_id, changes)
    places = _places(tx, actions)
    if places:
        assign_ticket(tx, ticket_id, cause=source.kind, **places)
    worded = wording_for(tx, ticket)
    for action in actions:
        if isinstance(action, AddNote):
            note(tx, ticket_id, Said(worded(action.texts), mentions=action.mentions))
    _answer(tx, ticket_id, actions, worded, source, automatic=automatic)
    for action in actions:
        if isinstance(action, MakePromise):
            # After the answer, which would keep it at once.
            make_promise(tx, ticket_id, _promised(tx, action))
    alerts = [one for one in actions if isinstance(one, Alert)]
    if alerts:
        raise_alerts(tx, ticket, alerts, source)
    return tx.tickets.get(ticket_id)


def _answer(
    tx: DeskTx,
    ticket_id: UUID,
    actions: Sequence[Action],
    worded: Worded,
    source: Source,
    *,
    automatic: bool,
) -> None:
    """Answer the customer, and have the ticket stand otherwise: in one where both are wanted."""
    said = next((one for one in actions if isinstance(one, AddReply)), None)
    stands = next((one for one in actions if isinstance(one, SetStatus)), None)
    if said is not None:
        message = Said(worded(said.texts), automatic=automatic)
        if stands is None:
            reply(tx, ticket_id, message)
            return
        reply(tx, ticket_id, message, status=stands.status, article_id=stands.article_id)
    elif stands is not None:
        set_status(tx, ticket_id, stands.status, cause=source.kind, article_id=stands.article_id)


def _promised(tx: DeskTx, action: MakePromise) -> Promised:
    due_at = tx.clock.now() + timedelta(minutes=action.within_minutes)
    early = action.within_minutes > 2 * _REMIND_MINUTES
    return Promised(due_at=due_at, remind_minutes=_REMIND_MINUTES if early else None)


def _places(tx: DeskTx, actions: Sequence[Action]) -> dict[str, Any]:
    places: dict[str, Any] = {}
    for action in actions:
        if isinstance(action, MoveToQueue):
            places["queue_id"] = action.queue_id
        elif isinstance(action, Assign):
            places["assignee_id"] = _me(tx) if action.to_me else action.assignee_id
    return places


def _me(tx: DeskTx) -> UUID:
    if tx.caller.user_id is None:
        raise Conflict("An app has no hands to put a ticket into.", code="macro_needs_user")
    return tx.caller.user_id
