"""Runs all checks of a deployment, and keeps their order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from rapport_operator.checks.broker import check_broker
from rapport_operator.checks.databases import check_database
from rapport_operator.checks.jobs import check_jobs
from rapport_operator.checks.services import (
    check_certificates,
    check_clocks,
    check_grpc,
    check_outboxes,
    check_services,
    check_tokens,
)
from rapport_operator.deployment import Deployment
from rapport_operator.findings import Finding

_REST: tuple[Callable[[Deployment], Iterable[Finding]], ...] = (
    check_outboxes,
    check_jobs,
    check_grpc,
    check_tokens,
    check_clocks,
    check_certificates,
)


async def examine(deployment: Deployment) -> list[Finding]:
    """Every finding: databases, broker, services, and what stands between them."""
    databases = [
        asyncio.to_thread(lambda name=name, one=one: list(check_database(name, one)))  # type: ignore[misc]
        for name, one in deployment.services.items()
    ]
    findings = [finding for found in await asyncio.gather(*databases) for finding in found]
    findings += [finding async for finding in check_broker(deployment)]
    findings += [finding async for finding in check_services(deployment)]
    for check in _REST:
        findings += await asyncio.to_thread(lambda check=check: list(check(deployment)))  # type: ignore[misc]
    return findings
