"""What signing in need not remember any longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.work.periodic import PeriodicWork
from chassis.work.pruning import delete_by_key, prune
from identity.factors.storage import ceremonies
from identity.oauth.storage import authorization_codes, device_codes
from identity.sessions.storage import refresh_tokens, sessions
from identity.sign_in.storage import password_resets, reset_requests, sign_in_failures

SESSIONS_KEPT = timedelta(days=30)
"""After their end: long enough to look into what has happened."""
REFRESH_TOKENS_KEPT = timedelta(days=3)
"""After their use, while their session goes on: an older one is refused, and no alarm is raised."""
LINKS_KEPT = timedelta(days=7)
CODES_KEPT = timedelta(days=1)
"""Long enough to notice that a code is shown a second time."""
FAILURES_KEPT = timedelta(days=2)
"""By then they are forgiven; see `PATIENCE`."""


def sign_in_pruning(database: Database, clock: Clock) -> list[PeriodicWork]:
    """The periodic work that deletes what is too old."""
    tables: list[tuple[timedelta, sa.Column[object]]] = [
        (SESSIONS_KEPT, sessions.c.expires_at),
        (SESSIONS_KEPT, sessions.c.ended_at),
        (REFRESH_TOKENS_KEPT, refresh_tokens.c.used_at),
        (LINKS_KEPT, password_resets.c.expires_at),
        (LINKS_KEPT, reset_requests.c.requested_at),
        (CODES_KEPT, authorization_codes.c.expires_at),
        (CODES_KEPT, device_codes.c.expires_at),
        (CODES_KEPT, ceremonies.c.expires_at),
        (FAILURES_KEPT, sign_in_failures.c.at),
    ]
    return [_work(database, clock, kept, moment) for kept, moment in tables]


def _work(
    database: Database, clock: Clock, kept: timedelta, moment: sa.Column[object]
) -> PeriodicWork:
    delete: Callable[..., sa.Delete] = delete_by_key(moment.table, lambda before: moment < before)
    name = f"prune {moment.table.name} by {moment.name}"
    return PeriodicWork(
        name, timedelta(hours=1), lambda: prune(database, delete, clock.now() - kept)
    )
