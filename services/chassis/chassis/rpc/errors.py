"""Errors on the wire: domain errors to `google.rpc.Status` and back, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from chassis.domain import (
    Category,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    Unavailable,
    Violation,
)

DOMAIN = "rapport"
_CATEGORY = "category"

_STATUS = {
    Category.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Category.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Category.CONFLICT: grpc.StatusCode.FAILED_PRECONDITION,
    Category.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    Category.PRECONDITION: grpc.StatusCode.ABORTED,
    Category.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
}
_BY_CODE = {"idempotency_key_reused": grpc.StatusCode.FAILED_PRECONDITION}
_ERRORS: dict[Category, type[DomainError]] = {
    Category.INVALID: Invalid,
    Category.NOT_FOUND: NotFound,
    Category.CONFLICT: Conflict,
    Category.FORBIDDEN: Forbidden,
    Category.PRECONDITION: PreconditionFailed,
    Category.UNAVAILABLE: Unavailable,
}
_CATEGORIES = {
    grpc.StatusCode.INVALID_ARGUMENT: Category.INVALID,
    grpc.StatusCode.OUT_OF_RANGE: Category.INVALID,
    grpc.StatusCode.NOT_FOUND: Category.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS: Category.CONFLICT,
    grpc.StatusCode.FAILED_PRECONDITION: Category.CONFLICT,
    grpc.StatusCode.ABORTED: Category.CONFLICT,
    grpc.StatusCode.PERMISSION_DENIED: Category.FORBIDDEN,
    grpc.StatusCode.UNAUTHENTICATED: Category.FORBIDDEN,
}
"""What a status means when its details do not tell; whatever is not here is `UNAVAILABLE`."""


class RpcRefusal(DomainError):
    """A refusal that only gRPC knows: unauthenticated, too late."""

    def __init__(self, status: grpc.StatusCode, code: str, message: str) -> None:
        super().__init__(message, code=code)
        self.status = status


class PeerLate(Unavailable):
    """A peer has not answered by the time it was given; what it did until then nobody knows."""


def status_of(error: DomainError, by_code: Mapping[str, grpc.StatusCode]) -> grpc.Status:
    """What the caller is told; `by_code` names other statuses for some of a service's codes."""
    code = _code_of(error, by_code)
    status = Status(code=code.value[0], message=error.message)
    info = ErrorInfo(reason=error.code, domain=DOMAIN)
    if not isinstance(error, RpcRefusal):
        info.metadata[_CATEGORY] = error.category
    _attach(status, info)
    if error.violations:
        _attach(status, BadRequest(field_violations=map(_field_violation, error.violations)))
    if error.retry_after is not None:
        delay = Duration()
        delay.FromMilliseconds(round(error.retry_after * 1000))
        _attach(status, RetryInfo(retry_delay=delay))
    return rpc_status.to_status(status)


def _code_of(error: DomainError, by_code: Mapping[str, grpc.StatusCode]) -> grpc.StatusCode:
    if isinstance(error, RpcRefusal):
        return error.status
    named = by_code.get(error.code) or _BY_CODE.get(error.code)
    if named is not None:
        return named
    if error.category is Category.CONFLICT and error.retry_after is not None:
        return grpc.StatusCode.ABORTED  # others were faster: it passes
    return _STATUS[error.category]


def _attach(status: Status, detail: Message) -> None:
    status.details.add().Pack(detail)


def _field_violation(violation: Violation) -> BadRequest.FieldViolation:
    return BadRequest.FieldViolation(
        field=violation.pointer, reason=violation.code, description=violation.message
    )


def error_of(failure: grpc.RpcError, peer: str) -> DomainError:
    """The domain error that a peer's refusal is here, with its code, message and violations."""
    told = _Told(failure)
    status: grpc.StatusCode = failure.code()
    category = told.category or _CATEGORIES.get(status, Category.UNAVAILABLE)
    if category is Category.UNAVAILABLE:
        late = status is grpc.StatusCode.DEADLINE_EXCEEDED
        return (PeerLate if late else Unavailable)(
            f"{peer} does not answer now.",
            code=told.code or "peer_unavailable",
            retry_after=told.retry_after or 2,
        )
    error = _ERRORS[category](told.message or f"{peer} refused: {status.name}.")
    error.code = told.code or error.code
    error.violations = told.violations
    error.retry_after = told.retry_after
    return error


class _Told:
    """What the details of a failure say; nothing when they are absent or not ours."""

    def __init__(self, failure: grpc.RpcError) -> None:
        self.code: str | None = None
        self.category: Category | None = None
        self.violations: tuple[Violation, ...] = ()
        self.retry_after: float | None = None
        self.message: str = ""
        status = _rich_status(failure)
        if status is None:
            return
        self.message = status.message
        for detail in status.details:
            self._read(detail)

    def _read(self, detail: Any) -> None:
        info, bad, retry = ErrorInfo(), BadRequest(), RetryInfo()
        if detail.Unpack(info) and info.domain == DOMAIN:
            self.code = info.reason
            word = info.metadata.get(_CATEGORY)
            self.category = Category(word) if word in set(Category) else None
        elif detail.Unpack(bad):
            self.violations = tuple(
                Violation(wrong.field, wrong.reason, wrong.description)
                for wrong in bad.field_violations
            )
        elif detail.Unpack(retry):
            self.retry_after = retry.retry_delay.ToMilliseconds() / 1000


def _rich_status(failure: grpc.RpcError) -> Status | None:
    try:
        status: Status | None = rpc_status.from_call(failure)  # type: ignore[arg-type]  # it is both
    except (ValueError, DecodeError):
        return None
    return status
