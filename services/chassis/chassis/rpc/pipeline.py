"""The steps around every gRPC call: trace, identity, permission, deadline, errors, metrics, log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import grpc
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from chassis.access.authenticator import Authenticator
from chassis.access.tokens import InvalidToken
from chassis.context import Caller, Reach
from chassis.domain import DomainError, Forbidden
from chassis.origin import METADATA, coming_from
from chassis.rpc.call import RpcCall, answer_within, refuse_late
from chassis.rpc.deadline import within
from chassis.rpc.declaration import PUBLIC, SERVICES_ONLY, SIGNED_IN, DeclaredMethod
from chassis.rpc.errors import RpcRefusal, status_of
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.logs import working_for
from chassis.telemetry.metrics import rpc_requests
from chassis.telemetry.tracing import continued, note_failure

log = logging.getLogger("chassis.rpc")

_ANONYMOUS = Caller(tenant_id=None, subject="anonymous")
_NO_LIMIT = 86_400.0
"""A call without a deadline says so with a time left of centuries."""
_INTERNAL = rpc_status.to_status(
    Status(code=grpc.StatusCode.INTERNAL.value[0], message="Something went wrong here.")
)


class Pipeline(grpc.ServerInterceptor):  # type: ignore[type-arg]  # generic in its stubs only
    """Takes every call of a declared method through the same steps.

    Health and reflection are not declared and pass as they are.
    """

    def __init__(
        self,
        methods: Mapping[str, DeclaredMethod],
        authenticator: Authenticator,
        operations: Operations[Any],
    ) -> None:
        self._methods = methods
        self._authenticator = authenticator
        self._operations = operations

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[Any, Any] | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """The handler, with the steps around it."""
        handler = continuation(handler_call_details)
        method = self._methods.get(handler_call_details.method)
        if handler is None or method is None or handler.unary_unary is None:
            return handler
        behaviour = handler.unary_unary

        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            return self._observed(method, behaviour, request, context)

        return grpc.unary_unary_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )

    def _observed(
        self,
        method: DeclaredMethod,
        behaviour: Callable[[Any, Any], Any],
        request: Any,
        context: grpc.ServicerContext,
    ) -> Any:
        started = time.perf_counter()
        metadata = _texts(context)
        refusal: grpc.Status | None = None
        answer: Any = None
        with continued(metadata.get("traceparent"), method.name, "server"):
            try:
                answer = self._answer(method, behaviour, request, context, metadata)
            except DomainError as error:
                refusal = status_of(error, method.statuses)
            except Exception as error:
                note_failure(error)
                log.exception("unexpected error", extra={"method": method.name})
                refusal = _INTERNAL
        code = grpc.StatusCode.OK if refusal is None else refusal.code
        rpc_requests.labels(method.name, code.name).observe(time.perf_counter() - started)
        if refusal is not None:
            context.abort_with_status(refusal)
        return answer

    def _answer(
        self,
        method: DeclaredMethod,
        behaviour: Callable[[Any, Any], Any],
        request: Any,
        context: grpc.ServicerContext,
        metadata: Mapping[str, str],
    ) -> Any:
        left = context.time_remaining()
        with within(left if left < _NO_LIMIT else None):
            refuse_late(context)
            caller, reach = self._admitted(method, metadata)
            with working_for(caller.tenant_id), coming_from(metadata.get(METADATA)):
                call = RpcCall(method.name, caller, reach, self._operations, context)
                return answer_within(call, behaviour, request)

    def _admitted(
        self, method: DeclaredMethod, metadata: Mapping[str, str]
    ) -> tuple[Caller, Reach]:
        if method.permission == PUBLIC:
            return _ANONYMOUS, Reach.ALL
        caller = self._caller(metadata)
        if caller.tenant_id is None:
            raise Forbidden("This needs a token of a tenant.", code="tenant_needed")
        if method.permission == SIGNED_IN:
            return caller, Reach.OWN
        if method.permission == SERVICES_ONLY:
            if not caller.is_service:
                raise Forbidden("This needs a service's token.", code="service_needed")
            return caller, Reach.ALL
        reach = caller.reach(method.permission)
        if reach is None:
            message = f"This needs the permission {method.permission}."
            raise Forbidden(message, code="permission_missing")
        return caller, reach

    def _caller(self, metadata: Mapping[str, str]) -> Caller:
        scheme, _, token = metadata.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _unauthenticated("token_missing", "A bearer token is needed.")
        try:
            return self._authenticator.caller(token.strip())
        except InvalidToken as error:
            raise _unauthenticated("token_invalid", str(error)) from None


def _unauthenticated(code: str, message: str) -> RpcRefusal:
    return RpcRefusal(grpc.StatusCode.UNAUTHENTICATED, code, message)


def _texts(context: grpc.ServicerContext) -> dict[str, str]:
    """The metadata that is text; of several entries of one name the first."""
    texts: dict[str, str] = {}
    for name, value in context.invocation_metadata():
        if isinstance(value, str):
            texts.setdefault(name, value)
    return texts
