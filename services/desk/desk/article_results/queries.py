"""What articles have brought: how often they were read, what readers say, which tickets they solved."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.tenant_days.zones import zone_of


def article_results(
    reading: Reading, first: date, last: date, article_id: UUID | None, most: int
) -> dict[str, Any]:
    """The results of the days from the first to the last, those that solved most tickets first.

    Readers are counted by days in UTC, all else by the tenant's.
    """
    zone = zone_of(reading)
    about = {
        "tenant_id": reading.caller.tenant_id,
        "first": first,
        "last": last,
        "since": _begin(first, zone),
        "until": _begin(last + timedelta(days=1), zone),
        "article_id": article_id,
        "most": most,
    }
    return {"first": first, "last": last, "items": reading.fetch_all(_RESULTS, about)}


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)


_RESULTS = Statement(
    "WITH viewed AS (SELECT article_id, sum(views)::bigint AS views FROM article_views"
    " WHERE tenant_id = %(tenant_id)s AND day BETWEEN %(first)s AND %(last)s GROUP BY article_id),"
    " said AS (SELECT article_id, count(*) FILTER (WHERE helpful) AS helpful,"
    " count(*) FILTER (WHERE NOT helpful) AS unhelpful FROM article_feedback"
    " WHERE tenant_id = %(tenant_id)s AND given_at >= %(since)s AND given_at < %(until)s"
    " GROUP BY article_id),"
    " solved AS (SELECT article_id, count(*) AS solved FROM article_solutions"
    " WHERE tenant_id = %(tenant_id)s AND article_id IS NOT NULL AND solved_at >= %(since)s"
    " AND solved_at < %(until)s GROUP BY article_id)"
    " SELECT a.id AS article_id, a.key, a.title, a.status, coalesce(v.views, 0) AS views,"
    " coalesce(s.helpful, 0) AS helpful, coalesce(s.unhelpful, 0) AS unhelpful,"
    " coalesce(t.solved, 0) AS solved_tickets FROM articles AS a"
    " LEFT JOIN viewed AS v ON v.article_id = a.id LEFT JOIN said AS s ON s.article_id = a.id"
    " LEFT JOIN solved AS t ON t.article_id = a.id WHERE a.tenant_id = %(tenant_id)s"
    " AND (%(article_id)s::uuid IS NULL OR a.id = %(article_id)s::uuid)"
    " AND (v.article_id IS NOT NULL OR s.article_id IS NOT NULL OR t.article_id IS NOT NULL)"
    " ORDER BY solved_tickets DESC, views DESC, a.key LIMIT %(most)s"
)
