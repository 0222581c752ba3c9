"""Checks that what actions name is there, when they are written down; it may be gone when they are done."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.domain import Invalid, Violation
from desk.colleagues.standing import unknown
from desk.queues.operations import require_queue
from desk.ticket_actions.domain import (
    Action,
    AddNote,
    Alert,
    Assign,
    MoveToQueue,
    SetField,
    SetStatus,
)
from desk.tickets.domain import Value
from desk.tickets.operations import checked_values
from desk.transaction import DeskTx


def require_known(tx: DeskTx, actions: Sequence[Action]) -> None:
    """Raise `Invalid` for queues, users, articles and fields that there are not."""
    for place, one in enumerate(actions):
        at = f"/actions/{place}"
        match one:
            case MoveToQueue(queue_id=UUID() as queue_id):
                require_queue(tx, queue_id, f"{at}/queue_id")
            case Assign(assignee_id=UUID() as user_id):
                _require_users(tx, [user_id], f"{at}/assignee_id")
            case AddNote(mentions=users) | Alert(user_ids=users):
                _require_users(tx, users, at)
            case SetStatus(article_id=UUID() as article_id):
                if not tx.articles.get_many([article_id]):
                    message = f"There is no article {article_id}."
                    raise Invalid.at(f"{at}/article_id", "article_unknown", message)
            case SetField(field=field, value=value):
                _require_field(tx, field, value, at)


def _require_users(tx: DeskTx, user_ids: Sequence[UUID], at: str) -> None:
    for one in sorted(unknown(tx, user_ids)) if user_ids else ():
        raise Invalid.at(at, "user_unknown", f"There is no user {one}.")


def _require_field(tx: DeskTx, field: str, value: Value, at: str) -> None:
    try:
        checked_values(tx, {field: value})
    except Invalid as error:
        code = error.violations[0].code if error.violations else error.code
        wrong = (Violation(f"{at}/value", code, error.message),)
        raise Invalid(error.message, violations=wrong) from None
