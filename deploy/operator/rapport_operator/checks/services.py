"""Checks of what runs: services, versions, gRPC, gateway, keys, tokens, outboxes, clocks, certificates."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import grpc
import httpx
import psycopg
from cryptography import x509
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chassis.access.tokens import HttpKeys, InvalidToken, TokenVerifier
from chassis.clock import SystemClock
from chassis.domain import Unavailable
from rapport_operator.deployment import Deployment, ServiceAccess
from rapport_operator.descriptions import description_of
from rapport_operator.errors import OperatorError
from rapport_operator.findings import Finding, well, wrong
from rapport_operator.outboxes import waiting
from rapport_operator.status import part_state

_APART_SECONDS = 1.0
_OLD_SECONDS = 60.0
_CERTIFICATE_DAYS = 30
_TENANT = "SELECT tenant_id::text FROM outbox ORDER BY seq DESC LIMIT 1"


async def check_services(deployment: Deployment) -> AsyncIterator[Finding]:
    """Whether the services and the gateway answer, and are of the version installed here."""
    async with httpx.AsyncClient(timeout=3) as http:
        for name, service in deployment.services.items():
            state = await part_state(http, name, service.http_url, "/readyz")
            if not state.ready:
                yield wrong("service", name, state.reason or "", "start it, and look into its log")
                continue
            yield well("service", name, "ready")
            yield await _version(http, name, service)
        async for finding in _further_processes(http, deployment):
            yield finding
        for name in deployment.services:
            yield await _through_the_gateway(http, deployment.gateway_url, name)


async def _further_processes(
    http: httpx.AsyncClient, deployment: Deployment
) -> AsyncIterator[Finding]:
    """Whether what runs beside the services, for jobs and streams, is at work."""
    for service in deployment.services.values():
        for part, url in service.processes.items():
            state = await part_state(http, part, url, "/readyz")
            if state.ready:
                yield well("service", part, "ready")
            else:
                yield wrong("service", part, state.reason or "", "start it, and look into its log")


async def _version(http: httpx.AsyncClient, name: str, service: ServiceAccess) -> Finding:
    try:
        here = description_of(name).version
        there = (await http.get(f"{service.http_url}/openapi.json")).json()["info"]["version"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError, OperatorError) as error:
        return wrong(
            "version", name, f"not known: {error}", "run this where the services are installed"
        )
    if here != there:
        return wrong(
            "version",
            name,
            f"{there} runs, and {here} is installed here",
            "finish the roll-out, or run the command from the image of the version that runs",
        )
    return well("version", name, there)


async def _through_the_gateway(http: httpx.AsyncClient, gateway: str, name: str) -> Finding:
    try:
        status = (await http.get(f"{gateway}/v1/{name}/")).status_code
    except httpx.HTTPError as error:
        return wrong("gateway", name, f"{gateway} does not answer: {error}", "start the gateway")
    if status in {502, 503, 504}:
        return wrong(
            "gateway", name, f"answers {status}", f"see whether {name} is ready and routed"
        )
    return well("gateway", name, "routed")


def check_grpc(deployment: Deployment) -> Iterator[Finding]:
    """Whether every service's gRPC server answers and serves."""
    for name, service in deployment.services.items():
        if service.grpc is None:
            continue
        request = health_pb2.HealthCheckRequest()
        try:
            with grpc.insecure_channel(service.grpc) as channel:
                stub: Any = health_pb2_grpc.HealthStub(channel)
                answer = stub.Check(request, timeout=3)
        except grpc.RpcError as error:
            code = getattr(error, "code", lambda: "no answer")()
            yield wrong(
                "gRPC", name, f"{service.grpc}: {code}", "see whether the service's role api runs"
            )
            continue
        if answer.status == health_pb2.HealthCheckResponse.SERVING:
            yield well("gRPC", name, "serving")
        else:
            yield wrong("gRPC", name, "answers, and does not serve", f"see /readyz of {name}")


def check_tokens(deployment: Deployment) -> Iterator[Finding]:
    """Whether the keys are there, and a service gets a token that they verify."""
    url = deployment.jwks_url
    try:
        keys = httpx.get(url, timeout=3).raise_for_status().json()["keys"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        yield wrong("keys", url, f"{type(error).__name__}: {error}", "see whether identity runs")
        return
    if not keys:
        yield wrong("keys", url, "there are none", "see identity's log about its signing keys")
        return
    yield well("keys", url, f"{len(keys)} published")
    tenant = _any_tenant(deployment)
    for name, service in deployment.services.items():
        if service.client_secret is None:
            continue
        if tenant is None:
            yield well("service token", name, "not looked at: there is no tenant yet")
            continue
        yield _token(deployment, name, service.client_secret.get_secret_value(), tenant)


def _token(deployment: Deployment, name: str, secret: str, tenant: str) -> Finding:
    remedy = f"give identity the digest of {name}'s client secret (RAPPORT_SERVICE_CLIENTS)"
    url = str(httpx.URL(deployment.jwks_url).join("/oauth/token"))
    form = {"grant_type": "client_credentials", "tenant": tenant}
    try:
        answer = httpx.post(url, data=form, auth=(name, secret), timeout=3)
        if answer.status_code != httpx.codes.OK:
            return wrong("service token", name, f"identity answers {answer.status_code}", remedy)
        keys = HttpKeys(deployment.jwks_url)
        TokenVerifier(keys, deployment.gateway_url, SystemClock()).verify(
            answer.json()["access_token"]
        )
    except (httpx.HTTPError, ValueError, KeyError, InvalidToken, Unavailable) as error:
        return wrong("service token", name, f"{type(error).__name__}: {error}", remedy)
    return well("service token", name, "given, and its signature holds")


def _any_tenant(deployment: Deployment) -> str | None:
    for service in deployment.services.values():
        try:
            url = service.database_system_url.get_secret_value()
            with psycopg.connect(url, connect_timeout=5) as connection:
                row = connection.execute(_TENANT).fetchone()
        except psycopg.Error:
            continue
        if row is not None:
            return str(row[0])
    return None


def check_outboxes(deployment: Deployment) -> Iterator[Finding]:
    """Whether facts get from the outboxes to the bus."""
    for name, service in deployment.services.items():
        try:
            found = waiting(service)
        except psycopg.Error:
            continue  # the checks of the database tell of it
        if found.oldest_seconds > _OLD_SECONDS:
            said = f"{found.facts:,} facts wait, the oldest for {found.oldest_seconds:,.0f} s"
            reason = f" ({found.last_error})" if found.last_error else ""
            yield wrong(
                "outbox",
                name,
                said + reason,
                f"see whether the worker of {name} runs and reaches the broker",
            )
        else:
            yield well("outbox", name, f"{found.facts:,} facts wait")


def check_clocks(deployment: Deployment) -> Iterator[Finding]:
    """Whether the clocks of databases and broker agree with the one here."""
    for name, service in deployment.services.items():
        try:
            url = service.database_system_url.get_secret_value()
            with psycopg.connect(url, connect_timeout=5) as connection:
                asked = time.monotonic()
                row = connection.execute("SELECT clock_timestamp()").fetchone()
                took = time.monotonic() - asked
        except psycopg.Error:
            continue
        if row is not None:
            yield _apart(f"database of {name}", row[0], took)
    if deployment.nats.monitor_url is not None:
        try:
            asked = time.monotonic()
            answer = httpx.get(f"{deployment.nats.monitor_url}/varz", timeout=3).json()
            yield _apart("broker", datetime.fromisoformat(answer["now"]), time.monotonic() - asked)
        except (httpx.HTTPError, ValueError, KeyError):
            return
    try:
        asked = time.monotonic()
        there = httpx.get(f"{deployment.gateway_url}/openapi.json", timeout=3).headers["Date"]
        # A header tells whole seconds only.
        yield _apart("gateway", parsedate_to_datetime(there), time.monotonic() - asked + 1)
    except (httpx.HTTPError, ValueError, KeyError):
        return


def _apart(about: str, there: datetime, took: float) -> Finding:
    apart = abs((SystemClock().now() - there.astimezone(UTC)).total_seconds())
    if apart > _APART_SECONDS + took:
        return wrong("clock", about, f"{apart:.1f} s apart from the one here", "set both by NTP")
    return well("clock", about, "agrees with the one here")


def check_certificates(deployment: Deployment) -> Iterator[Finding]:
    """Whether certificates last for a while yet."""
    for path in deployment.certificates:
        yield _certificate(path)


def _certificate(path: Path) -> Finding:
    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        return wrong("certificate", str(path), f"cannot be read: {error}", "put a PEM file there")
    if ends < SystemClock().now() + timedelta(days=_CERTIFICATE_DAYS):
        return wrong("certificate", str(path), f"ends on {ends:%Y-%m-%d}", "renew it")
    return well("certificate", str(path), f"good until {ends:%Y-%m-%d}")
