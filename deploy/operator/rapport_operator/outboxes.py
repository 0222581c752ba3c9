"""What waits in the services' outboxes, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg

from rapport_operator.deployment import ServiceAccess

_WAITING = """
SELECT count(*), min(occurred_at), coalesce(extract(epoch FROM now() - min(occurred_at)), 0),
       count(*) FILTER (WHERE attempts > 0), max(last_error)
FROM outbox WHERE published_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Facts that the bus has not had yet; of those, how many have failed to be published."""

    facts: int
    oldest_at: datetime | None
    oldest_seconds: float
    failed: int
    last_error: str | None


def waiting(service: ServiceAccess) -> Waiting:
    """Raises `psycopg.Error` when the database does not answer."""
    url = service.database_system_url.get_secret_value()
    with psycopg.connect(url, connect_timeout=5, application_name="rapport-operator") as connection:
        row = connection.execute(_WAITING).fetchone()
    if row is None:
        raise psycopg.DataError("the outbox did not answer")
    return Waiting(row[0], row[1], max(0.0, float(row[2])), row[3], row[4])
