"""Problem documents (RFC 9457): those the gateway and the portal answer with, and all known kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import orjson
from flask import Response

from portal.contract import Json
from portal.tracing import current_trace_id

TYPE_PREFIX = "/docs/problems/"
GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What a `code` means, and who answers with it."""

    code: str
    status: int
    title: str
    description: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GatewayProblem:
    """A refusal of the gateway itself."""

    code: str
    detail: str
    description: str
    retry_after: int | None = None


GATEWAY_PROBLEMS: Mapping[int, GatewayProblem] = {
    404: GatewayProblem(
        "route_unknown",
        "Nothing is at this address.",
        "No service claims the address. Compare it with the API reference.",
    ),
    413: GatewayProblem(
        "body_too_large",
        "The body is larger than {limit} bytes.",
        "The request's body is above the bound for its address: 1 MiB, and 16 MiB for a part of an "
        "import. Send large imports in parts.",
    ),
    502: GatewayProblem(
        "service_unreachable",
        "The service broke off, or could not be reached.",
        "The connection to the service failed. A read has been tried again already. Whether a write "
        "took effect is unknown: repeat it with the same Idempotency-Key.",
        retry_after=1,
    ),
    503: GatewayProblem(
        "service_unavailable",
        "The service is not ready; nothing has been done.",
        "The service is starting, stopping, or without something that it needs. The request has not "
        "reached it and may be repeated after the time in Retry-After.",
        retry_after=1,
    ),
    504: GatewayProblem(
        "service_timeout",
        "The service did not answer in time.",
        "The gateway stopped waiting. Whether a write took effect is unknown: repeat it with the "
        "same Idempotency-Key.",
        retry_after=5,
    ),
}


def problem_response(
    status: int, code: str, detail: str, instance: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A problem document; `instance` is the path that was asked for."""
    document = {
        "type": f"{TYPE_PREFIX}{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": instance,
        "code": code,
        "trace_id": current_trace_id(),
    }
    response = Response(orjson.dumps(document), status, content_type="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers or {})
    return response


def gateway_problem(status: int, instance: str, limit: int | None = None) -> Response:
    """The problem document for a status that the gateway answers with by itself."""
    problem = GATEWAY_PROBLEMS[status]
    detail = problem.detail
    if "{limit}" in detail:
        detail = detail.format(limit=limit) if limit else "The body is too large."
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return problem_response(status, problem.code, detail, instance, headers)


def kinds_of(documents: Mapping[str, Json]) -> list[ProblemKind]:
    """All kinds of problem, by code; the same kind in several services is listed once."""
    owners: dict[tuple[str, int, str, str], list[str]] = {
        (known.code, status, HTTPStatus(status).phrase, known.description): [GATEWAY]
        for status, known in GATEWAY_PROBLEMS.items()
    }
    for service, document in documents.items():
        for entry in _declared(document):
            owners.setdefault(entry, []).append(service)
    kinds = [ProblemKind(*entry, tuple(services)) for entry, services in owners.items()]
    return sorted(kinds, key=lambda kind: (kind.code, kind.status, kind.services))


def _declared(document: Json) -> Iterable[tuple[str, int, str, str]]:
    declared = document.get("x-problems")
    for entry in declared if isinstance(declared, list) else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("code"), str):
            continue
        status = entry.get("status")
        if not isinstance(status, int) or not 400 <= status <= 599:
            continue
        title, description = entry.get("title") or "", entry.get("description") or ""
        yield entry["code"], status, str(title), str(description)
