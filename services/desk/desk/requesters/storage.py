"""How it is kept that contacts is to be asked who somebody is: one row for each ticket."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.requesters.domain import Requester


def keep_question(tx: UnitOfWork, requester: Requester, due_at: datetime) -> None:
    """Have contacts asked who it is, at `due_at` or soon after; anew if it is to be asked already."""
    about = {"tenant_id": tx.tenant_id, "ticket_id": requester.ticket_id, "due_at": due_at}
    known = {
        "address": requester.address,
        "name": requester.name,
        "language": requester.language,
    }
    tx.write(_KEEP, {**about, **known})


def question_of(reading: Reading | UnitOfWork, ticket_id: UUID) -> Requester | None:
    """Who is to be asked about; None when it is settled."""
    about = {"tenant_id": reading.caller.tenant_id, "ticket_id": ticket_id}
    row = reading.fetch_one(_QUESTION, about)
    if row is None:
        return None
    return Requester(ticket_id, row["address"], row["name"], row["language"])


def settle(tx: UnitOfWork, requester: Requester) -> None:
    """Ask no more, unless it is another address by now."""
    about = {"tenant_id": tx.tenant_id, "ticket_id": requester.ticket_id}
    tx.write(_SETTLE, {**about, "address": requester.address})


_KEEP = Statement(
    "INSERT INTO requester_questions"
    " (tenant_id, ticket_id, address, name, language, due_at, attempts)"
    " VALUES (%(tenant_id)s, %(ticket_id)s, %(address)s, %(name)s, %(language)s, %(due_at)s, 0)"
    " ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET address = excluded.address,"
    " name = excluded.name, language = excluded.language, due_at = excluded.due_at, attempts = 0"
)
_QUESTION = Statement(
    "SELECT address, name, language FROM requester_questions"
    " WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s"
)
_SETTLE = Statement(
    "DELETE FROM requester_questions WHERE tenant_id = %(tenant_id)s"
    " AND ticket_id = %(ticket_id)s AND address = %(address)s"
)
