"""Jobs: whether somebody does those that wait."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from rapport_operator.deployment import Deployment
from rapport_operator.findings import Finding, well, wrong

_OLD_SECONDS = 60
_CLAIMABLE = """
SELECT count(*) FILTER (WHERE claimable_at <= now()),
       coalesce(extract(epoch FROM now() - min(claimable_at)), 0),
       count(*) FILTER (WHERE state = 'running' AND lease_until > now())
FROM (
    SELECT state, lease_until, coalesce(lease_until, created_at) AS claimable_at
    FROM jobs WHERE finished_at IS NULL
) AS unfinished
"""


def check_jobs(deployment: Deployment) -> Iterator[Finding]:
    """Whether jobs wait although none runs: nobody has the role then, and every process is well."""
    for name, service in deployment.services.items():
        try:
            url = service.database_system_url.get_secret_value()
            with psycopg.connect(url, connect_timeout=5) as connection:
                row = connection.execute(_CLAIMABLE).fetchone()
        except psycopg.Error:
            continue  # the checks of the database tell of it
        if row is None:
            continue
        waiting, seconds, running = row
        if seconds > _OLD_SECONDS and not running:
            yield wrong(
                "jobs",
                name,
                f"{waiting:,} jobs wait and none runs, the oldest for {float(seconds):,.0f} s",
                f"start a process of {name} with the role jobs: `serve --roles jobs`",
            )
        else:
            yield well("jobs", name, f"{waiting:,} jobs wait, {running:,} run")
