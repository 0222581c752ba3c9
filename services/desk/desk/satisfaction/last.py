"""What somebody last said of how content they are, for whoever looks at them as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import Reading
from desk.people.named import known_as
from desk.satisfaction.api import READ
from desk.survey_requests.queries import of_reach
from desk.survey_requests.storage import survey_requests

_columns = survey_requests.c


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """A score on the scale of `kind`, and the ticket that it was about, if it was about one."""

    kind: str
    score: int
    answered_at: datetime
    ticket_id: UUID | None


def last_answer(reading: Reading, person_id: UUID) -> LastAnswer | None:
    """The person's last answer within reach; None also without the permission to read such."""
    if reading.caller.reach(READ) is None:
        return None
    seen = replace(reading, scope=Scope.under(reading.caller, READ))
    statement = (
        sa.select(_columns.kind, _columns.score, _columns.answered_at, _columns.ticket_id)
        .where(
            _columns.tenant_id == reading.caller.tenant_id,
            _columns.person_id == known_as(reading, person_id),
            _columns.answered_at.isnot(None),
        )
        .order_by(_columns.answered_at.desc(), _columns.id.desc())
        .limit(1)
    )
    row = reading.connection.execute(of_reach(seen, statement)).mappings().first()
    return None if row is None else LastAnswer(**row)
