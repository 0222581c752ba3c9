"""Reports of the desk over a million tickets of five hundred agents, through the gateway."""

from __future__ import annotations

import psycopg

from tests.performance.figure import Figure, Figures
from tests.performance.load import LoadRun, request_bytes
from tests.performance.rows.requests import require_good
from tests.performance.subject import Subject

_TICKETS, _AGENTS, _DAYS = 1_000_000, 500, 365
_CALLS = 9
_REACH = 2_000
_UNTIL = "2026-10-31"
_SPANS = {"a month": "2026-10-01", "a year": "2025-11-01"}
_ASKED = (
    ("volume", "agent"),
    ("volume", "week"),
    ("volume", "tag"),
    ("backlog", "queue"),
    ("backlog", "day"),
    ("response", "agent"),
    ("response", "tag"),
    ("resolution", "agent"),
    ("resolution", "month"),
)
# What facts would have counted, in the order in which they came: two in a hundred are unsettled, one in ten was reopened, nearly all were answered.
_FILL = """
INSERT INTO counted_tickets (tenant_id, ticket_id, version, type, priority, channel, language, product_sku,
    queue_id, team_id, assignee_id, tags, opened_at, reopened, resolved_at, resolved_round, closed_at, ended_at,
    first_reply_at, replies)
SELECT %(tenant)s, gen_random_uuid(), 9, (ARRAY['question', 'incident', 'problem', 'task'])[1 + n %% 4],
    (ARRAY['low', 'normal', 'high', 'urgent'])[1 + n / 4 %% 4], (ARRAY['email', 'web', 'phone', 'api'])[1 + n / 16 %% 4],
    (ARRAY['en', 'zh-Hant', 'ja'])[1 + n %% 3], 'SKU-' || n %% 40, md5('queue' || n %% 20)::uuid,
    md5('team' || n %% 20)::uuid, md5('agent' || n %% %(agents)s)::uuid,
    ARRAY['tag' || n %% 30, 'tag' || 30 + n %% 7], opened,
    (n %% 10 = 0)::int, settled, (n %% 10 = 0)::int, settled + interval '4 days', settled,
    CASE WHEN n %% 20 > 0 THEN opened + random() * interval '8 hours' END, 1 + n %% 3
FROM (SELECT n, opened, CASE WHEN n %% 50 > 0 THEN opened + random() * interval '6 days' END AS settled
    FROM (SELECT n, timestamptz '2025-11-01' + random() * %(days)s * interval '1 day' AS opened
        FROM generate_series(1, %(tickets)s) AS n) AS one ORDER BY opened) AS both_times
"""
_SPELLS = """
INSERT INTO counted_spells (tenant_id, ticket_id, number, began_at, ended_at)
SELECT tenant_id, ticket_id, 1, resolved_at - interval '1 day', ended_at FROM counted_tickets
WHERE tenant_id = %(tenant)s AND reopened = 1 AND resolved_at IS NOT NULL
"""


def measure(subject: Subject, tickets: int = _TICKETS) -> Figures:
    """Each report over each span, one call after the other: what half of the calls take."""
    _fill(subject, tickets)
    for span, first_on in _SPANS.items():
        for report, by in _ASKED:
            asked = f"{report}?first_on={first_on}&last_on={_UNTIL}&by={by}"
            url = f"{subject.gateway}/v1/desk/reports/{asked}"
            name = f"{report} by {by} of {span}, {tickets:,} tickets, p50"
            yield Figure(name, _asked(subject, url), "ms", reach=_REACH, at_most=True)


def _asked(subject: Subject, url: str) -> float:
    """What half of the calls take, in milliseconds."""
    request = request_bytes("GET", url, headers=subject.headers())
    run = LoadRun(subject.gateway, lambda _: request, connections=1)
    result = run.saturate(60, at_most=_CALLS)
    require_good(result)
    return result.percentile(0.5) * 1000


def _fill(subject: Subject, tickets: int) -> None:
    """What the desk has counted of a tenant with so many tickets."""
    about = {
        "tenant": subject.tenant.id,
        "tickets": tickets,
        "agents": _AGENTS,
        "days": _DAYS,
    }
    with psycopg.connect(subject.platform.postgres.admin_dsn("desk"), autocommit=True) as admin:
        admin.execute(_FILL, about)
        admin.execute(_SPELLS, about)
        admin.execute("VACUUM ANALYZE counted_tickets, counted_spells")
