"""What the desk has to do with a person, read at once for whoever looks at them as a whole (CO-5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.storage.scope import Scope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.people.named import known_as
from desk.satisfaction.api import READ as READ_SATISFACTION
from desk.ticket_facts.domain import SETTLED
from desk.tickets import reach

MOST_OPEN = 20
RECENT = timedelta(days=90)


def summary_of(reading: Reading, person_id: UUID) -> Mapping[str, Any]:
    """The tickets of a person within reach, or of who is left after a merge; those that were merged left out.

    `total`, `open` and `recent` count them, `last_opened_at` is when the newest was opened, and `tickets` are
    those open, the newest first, as JSON; their `due_at` is by when the next target has to be met, where
    a clock runs. `answer` is the person's last answer to a survey as JSON, None also without the permission to
    read such; what is about no ticket is for who reaches all.
    """
    about = {
        "tenant_id": reading.caller.tenant_id,
        "person_id": known_as(reading, person_id),
        "settled": sorted(SETTLED),
        "since": reading.clock.now() - RECENT,
        "most": MOST_OPEN,
        **reach.parameters(reading, "seen"),
        **reach.parameters(reading, "heard", Scope.under(reading.caller, READ_SATISFACTION)),
    }
    row = reading.fetch_one(_SUMMARY, about)
    if row is None:
        raise RuntimeError("a summary without a row")
    return row


_SUMMARY = Statement(
    f"""
    WITH theirs AS (
        SELECT t.id, t.prefix, t.number, t.subject, t.type, t.priority, t.status, t.assignee_id,
            t.opened_at, t.status <> ALL (%(settled)s::text[]) AS is_open
        FROM tickets t
        WHERE t.tenant_id = %(tenant_id)s AND t.person_id = %(person_id)s
            AND t.merged_into_id IS NULL AND {reach.within("t", "seen")}
    )
    SELECT count(*) AS total, count(*) FILTER (WHERE is_open) AS open,
        count(*) FILTER (WHERE opened_at > %(since)s) AS recent, max(opened_at) AS last_opened_at, (
        SELECT coalesce(json_agg(l), '[]') FROM (
            SELECT *, (
                SELECT min(c.due_at) FROM clocks c
                WHERE c.tenant_id = %(tenant_id)s AND c.ticket_id = theirs.id AND c.state = 'running'
            ) AS due_at
            FROM theirs WHERE is_open ORDER BY opened_at DESC, id DESC LIMIT %(most)s
        ) l
    ) AS tickets, (
        SELECT row_to_json(l) FROM (
            SELECT s.kind, s.score, s.answered_at, s.ticket_id FROM survey_requests s
            WHERE s.tenant_id = %(tenant_id)s AND s.person_id = %(person_id)s
                AND s.answered_at IS NOT NULL AND (%(heard_all)s OR EXISTS (
                    SELECT FROM tickets t WHERE t.tenant_id = s.tenant_id AND t.id = s.ticket_id
                        AND {reach.within("t", "heard")}
                ))
            ORDER BY s.answered_at DESC, s.id DESC LIMIT 1
        ) l
    ) AS answer
    FROM theirs
    """  # noqa: S608 - our own words
)
