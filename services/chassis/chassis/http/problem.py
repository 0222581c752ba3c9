"""Problem documents (RFC 9457): how a refusal looks to whoever asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus

import orjson
from flask import Response

from chassis.domain import Category, DomainError, Violation
from chassis.telemetry.tracing import current_trace_id

TYPE_PREFIX = "/docs/problems/"
"""Where every problem type is documented, below the gateway's address."""

_STATUS = {
    Category.INVALID: 422,
    Category.NOT_FOUND: 404,
    Category.CONFLICT: 409,
    Category.FORBIDDEN: 403,
    Category.PRECONDITION: 412,
    Category.UNAVAILABLE: 503,
}


class HttpProblem(DomainError):
    """A refusal that only HTTP knows: unparsable, unauthenticated, too large, too often."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        violations: tuple[Violation, ...] = (),
        headers: dict[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code, violations=violations, retry_after=retry_after)
        self.status = status
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is told of a refusal."""

    status: int
    code: str
    detail: str
    violations: tuple[Violation, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


def problem_of(error: DomainError) -> Problem:
    """The problem that an error is to the caller."""
    headers = dict(error.headers) if isinstance(error, HttpProblem) else {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    status = error.status if isinstance(error, HttpProblem) else _STATUS[error.category]
    return Problem(status, error.code, error.message, error.violations, headers)


def problem_document(problem: Problem, instance: str) -> dict[str, object]:
    """The problem as a JSON object; `instance` says what was asked for."""
    document: dict[str, object] = {
        "type": f"{TYPE_PREFIX}{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        "code": problem.code,
        "trace_id": current_trace_id(),
    }
    if problem.violations:
        document["errors"] = [
            {"pointer": v.pointer, "code": v.code, "message": v.message} for v in problem.violations
        ]
    return document


def problem_response(problem: Problem, instance: str) -> Response:
    """The problem as a response; `instance` is the path that was asked for."""
    document = problem_document(problem, instance)
    response = Response(
        orjson.dumps(document), problem.status, content_type="application/problem+json"
    )
    response.headers.update(problem.headers)
    return response
