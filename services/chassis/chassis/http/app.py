"""The Flask application of a service: every declared route behind one and the same pipeline."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException

from chassis.access.authenticator import Authenticator
from chassis.access.tokens import InvalidToken
from chassis.context import Caller, Reach
from chassis.domain import DomainError
from chassis.http.address import Addresses
from chassis.http.body import read_json, read_raw, too_large
from chassis.http.call import Call, respond
from chassis.http.page_token import PageTokens
from chassis.http.pages import Page, Pages
from chassis.http.problem import HttpProblem, Problem, problem_of, problem_response
from chassis.http.query_string import (
    MAX_QUERY,
    Query,
    parted,
    read_listing,
    read_nothing,
    read_query,
)
from chassis.http.rate_limit import AddressLimits, RateLimiter
from chassis.http.reply import Reply, Stream
from chassis.http.routes import PUBLIC, SIGNED_IN, Route, Routes
from chassis.http.rules import FindingRule
from chassis.origin import coming_from
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.logs import name_tenant, working_for
from chassis.telemetry.metrics import observe_refusal, observe_request
from chassis.telemetry.tracing import continued, note_answer, note_failure

log = logging.getLogger("chassis.http")

_ANONYMOUS = Caller(tenant_id=None, subject="anonymous")


class HttpFace:
    """Registers routes on a Flask application and takes every request through the same steps."""

    def __init__(
        self,
        service: str,
        operations: Operations[Any],
        authenticator: Authenticator,
        limiter: RateLimiter,
        tokens: PageTokens,
        addresses: Addresses,
        *,
        address_limits: AddressLimits,
    ) -> None:
        self.app = Flask(service, static_folder=None)
        self.app.url_rule_class = FindingRule
        self.app.json.sort_keys = False  # type: ignore[attr-defined]
        self.service = service
        self.routes: list[Route] = []
        self.pages: list[Page] = []
        self._operations = operations
        self._authenticator = authenticator
        self._limiter = limiter
        self._tokens = tokens
        self._addresses = addresses
        self._address_limits = address_limits
        self.app.register_error_handler(HTTPException, _without_route)

    def add(self, *slices: Routes) -> None:
        """Register the routes of slices."""
        for routes in slices:
            for route in routes.routes:
                self._register(route)

    def add_pages(self, *slices: Pages) -> None:
        """Register the pages of slices; what they are is told by `self.pages`."""
        for pages in slices:
            self.pages.extend(pages.register(self.app, self._addresses, self._address_limits))

    def _register(self, route: Route) -> None:
        view = self._view(route)
        self.app.add_url_rule(
            route.path,
            endpoint=f"{route.tag}.{route.name}",
            view_func=view,
            methods=[route.method],
            provide_automatic_options=False,
        )
        self.routes.append(route)

    def _view(self, route: Route) -> Callable[..., Response]:
        name = f"{route.method} {route.path}"

        def view(**parameters: Any) -> Response:
            started = time.perf_counter()
            traced = continued(request.headers.get("Traceparent"), name, "server")
            # Facts keep it for good, so it is kept only of those who have said who they are.
            address = None if route.permission == PUBLIC else self._addresses.of(request)
            with traced as trace_id, working_for(None), coming_from(address):
                response = self._guarded(route, parameters)
                response.headers["Trace-Id"] = trace_id
                note_answer(route.method, route.path, response.status_code)
            observe_request(
                route.method, route.path, response.status_code, time.perf_counter() - started
            )
            return response

        view.__name__ = route.name
        return view

    def _guarded(self, route: Route, parameters: dict[str, Any]) -> Response:
        try:
            return self._answer(route, parameters)
        except DomainError as error:
            return problem_response(problem_of(error), request.path)
        except HTTPException as error:
            return _framework_refusal(error)
        except Exception as error:
            note_failure(error)
            log.exception("unexpected error", extra={"route": route.path})
            message = "Something went wrong here; the trace id leads to it."
            return problem_response(Problem(500, "internal_error", message), request.path)

    def _answer(self, route: Route, parameters: dict[str, Any]) -> Response:
        if len(request.query_string) > MAX_QUERY:
            raise HttpProblem(414, "query_too_long", f"The query is limited to {MAX_QUERY} bytes.")
        caller, reach = self._admitted(route)
        name_tenant(caller.tenant_id)
        limits = self._counted(route, caller)
        call: Call[Any] = Call(request, route, caller, reach, self._operations)
        result = route.handler(call, *self._input(route, call), **parameters)
        response = _response(call, result)
        response.headers.update(limits)
        return response

    def _counted(self, route: Route, caller: Caller) -> dict[str, str]:
        if route.permission == PUBLIC:
            return self._address_limits.of(f"routes {route.tag}")(self._addresses.of(request))
        return self._limiter.take(_client(caller))

    def _admitted(self, route: Route) -> tuple[Caller, Reach]:
        if route.permission == PUBLIC:
            return _ANONYMOUS, Reach.ALL
        caller = self._caller()
        if caller.tenant_id is None and not route.tenantless:
            raise HttpProblem(403, "tenant_needed", "This needs a token of a tenant.")
        if caller.tenant_id is not None and route.tenantless:
            # Whatever a tenant's administrators may do, it ends at their tenant.
            raise HttpProblem(403, "operator_needed", "This needs an operator's token.")
        if route.permission == SIGNED_IN:
            return caller, Reach.OWN
        reach = caller.reach(route.permission)
        if reach is None:
            raise HttpProblem(
                403, "permission_missing", f"This needs the permission {route.permission}."
            )
        return caller, reach

    def _caller(self) -> Caller:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthenticated("token_missing", "A bearer token is needed.", "")
        try:
            return self._authenticator.caller(token.strip())
        except InvalidToken as error:
            hint = 'error="invalid_token"'
            raise _unauthenticated("token_invalid", str(error), hint) from None

    def _input(self, route: Route, call: Call[Any]) -> list[Any]:
        given: list[Any] = []
        if route.listing is not None:
            context = f"{route.path}|{request.path}|{call.caller.tenant_id}"
            own, rest = parted(request.args, route.query or Query)
            given.append(read_listing(rest, route.listing, self._tokens, context))
            given += [] if route.query is None else [read_query(own, route.query)]
        elif route.query is not None:
            given.append(read_query(request.args, route.query))
        else:
            read_nothing(request.args)
        if route.body is not None:
            body, call.raw = read_json(request, route.body, route.media_types, route.body_limit)
            given.append(body)
        elif route.raw_body:
            _check_raw(request, route)
        elif route.method in ("POST", "PUT", "PATCH"):
            call.raw = read_raw(request, 4096)
        return given


def _check_raw(incoming: Request, route: Route) -> None:
    if incoming.mimetype not in route.raw_body:
        raise HttpProblem(415, "media_type", f"The body has to be {' or '.join(route.raw_body)}.")
    if incoming.content_length is None:
        raise HttpProblem(411, "length_needed", "Content-Length is needed.")
    if incoming.content_length > route.body_limit:
        raise too_large(route.body_limit)


def _client(caller: Caller) -> str:
    return f"{caller.tenant_id}/{caller.client_id or caller.subject}"


def _unauthenticated(code: str, message: str, hint: str) -> HttpProblem:
    return HttpProblem(401, code, message, headers={"WWW-Authenticate": f"Bearer {hint}".strip()})


def _response(call: Call[Any], result: Any) -> Response:
    if isinstance(result, Response):
        return result
    if isinstance(result, Stream):
        stream = Response(result.chunks, result.status, content_type=result.content_type)
        stream.headers.update(result.headers)
        return stream
    if isinstance(result, Reply):
        return respond(call, result)
    return respond(call, Reply(result))


_CODES = {404: "route_unknown", 405: "method_not_allowed", 413: "body_too_large"}


def _without_route(error: HTTPException) -> Response:
    """The answer to a request that no route takes."""
    started = time.perf_counter()
    with continued(request.headers.get("Traceparent"), "refusal", "server"):
        response = _framework_refusal(error)
        note_answer(request.method, "none", response.status_code)
    observe_refusal(request.method, response.status_code, time.perf_counter() - started)
    return response


def _framework_refusal(error: HTTPException) -> Response:
    """Flask's and Werkzeug's own refusals, as problem documents."""
    status = error.code or 500
    code = _CODES.get(status, "bad_request" if status < 500 else "internal_error")
    response = problem_response(
        Problem(status, code, error.description or "The request was refused."), request.path
    )
    allow = error.get_response().headers.get("Allow") if status == 405 else None
    if allow:
        response.headers["Allow"] = allow
    return response


def all_routes(slices: Iterable[Routes]) -> list[Route]:
    """The routes of several slices in one list."""
    return [route for routes in slices for route in routes.routes]
