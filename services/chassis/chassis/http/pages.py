"""Pages and protocol endpoints: plain Flask views, declared like routes and measured like them.

What speaks forms, redirects or a protocol of its own (sign-in pages, OAuth) does not fit the REST
pipeline. Such a view is declared here, with the reason why anybody may call it, and gets trace,
metrics, headers, a bound on its body and a limit per address all the same.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from chassis.domain import DomainError
from chassis.http.address import Addresses
from chassis.http.body import too_large
from chassis.http.problem import HttpProblem, Problem, problem_of, problem_response
from chassis.http.query_string import MAX_QUERY
from chassis.http.rate_limit import AddressLimits
from chassis.origin import coming_from
from chassis.telemetry.metrics import observe_request
from chassis.telemetry.tracing import continued, note_answer, note_failure

log = logging.getLogger("chassis.http")

View = Callable[..., Response]
Refusal = Callable[[Problem], Response]
"""How a slice's pages say no: in HTML, or as their protocol has it."""


@dataclass(frozen=True, slots=True)
class Page:
    """One declared view. `public_because` says why it asks for no token."""

    path: str
    methods: tuple[str, ...]
    view: View
    public_because: str

    @property
    def name(self) -> str:
        """The view's name."""
        return self.view.__name__


@dataclass(slots=True)
class Pages:
    """The pages of one slice.

    `refuse` answers what the framework, a broken rule or a defect refuses. `admit` runs before
    each view, to limit how often an address may call; what it gives are headers of the answer.
    Without it the limit is that of all that needs no token, `limit_times` as high: for what a few
    addresses call on behalf of many. Whoever calls too often and asks for no page gets a problem
    document.
    `headers` go with every answer that does not set them itself. `keeps_addresses` has facts keep
    where visitors come from: for those who sign in, and not for customers who follow a link.
    """

    name: str
    refuse: Refusal
    admit: Callable[[], dict[str, str]] | None = None
    limit_times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    body_limit: int = 64 * 1024
    keeps_addresses: bool = False
    pages: list[Page] = field(default_factory=list)

    def page(self, path: str, *methods: str, public_because: str) -> Callable[[View], View]:
        """Declare the decorated view; GET unless methods are named."""
        if not public_because:
            raise ValueError(f"{path}: say why anybody may call it")

        def declare(view: View) -> View:
            self.pages.append(Page(path, methods or ("GET",), view, public_because))
            return view

        return declare

    def register(self, app: Flask, addresses: Addresses, limits: AddressLimits) -> Iterable[Page]:
        """Add the pages to an application; `addresses` tells where requests come from."""
        take = limits.of(f"pages {self.name}", self.limit_times)
        admit = self.admit or (lambda: take(addresses.of(request)))
        for page in self.pages:
            app.add_url_rule(
                page.path,
                endpoint=f"{self.name} {page.methods[0]} {page.path}",
                view_func=self._measured(page, addresses, admit),
                methods=list(page.methods),
                provide_automatic_options=False,
            )
        return self.pages

    def _measured(
        self, page: Page, addresses: Addresses, admit: Callable[[], dict[str, str]]
    ) -> Callable[..., Response]:
        def view(**parameters: Any) -> Response:
            started = time.perf_counter()
            name = f"{request.method} {page.path}"
            traced = continued(request.headers.get("Traceparent"), name, "server")
            address = addresses.of(request) if self.keeps_addresses else None
            with traced as trace_id, coming_from(address):
                response = self._guarded(page, parameters, admit)
                response.headers["Trace-Id"] = trace_id
                note_answer(request.method, page.path, response.status_code)
            for header, value in self.headers.items():
                response.headers.setdefault(header, value)
            observe_request(
                request.method, page.path, response.status_code, time.perf_counter() - started
            )
            return response

        view.__name__ = page.name
        return view

    def _guarded(
        self, page: Page, parameters: dict[str, Any], admit: Callable[[], dict[str, str]]
    ) -> Response:
        try:
            limits = admit()
            self._bound()
            response = page.view(**parameters)
            response.headers.update(limits)
            return response
        except DomainError as error:
            return self._refused(problem_of(error))
        except RequestEntityTooLarge:
            return self._refused(problem_of(too_large(self.body_limit)))
        except HTTPException as error:
            status = error.code or 500
            return self._refused(Problem(status, "bad_request", error.description or "Refused."))
        except Exception as error:
            note_failure(error)
            log.exception("unexpected error", extra={"route": page.path})
            message = "Something went wrong here; the trace id leads to it."
            return self._refused(Problem(500, "internal_error", message))

    def _bound(self) -> None:
        request.max_content_length = self.body_limit
        request.max_form_parts = 200
        if len(request.query_string) > MAX_QUERY:
            raise HttpProblem(414, "query_too_long", f"The query is limited to {MAX_QUERY} bytes.")
        for values in (request.args, request.form):
            for name, value in values.items(multi=True):
                if "\x00" in name or "\x00" in value:
                    raise HttpProblem(400, "bad_request", "A parameter contains U+0000.")

    def _refused(self, problem: Problem) -> Response:
        is_for_people = "text/html" in request.headers.get("Accept", "")
        if problem.status == HTTPStatus.TOO_MANY_REQUESTS and not is_for_people:
            return problem_response(problem, request.path)
        response = self.refuse(problem)
        response.headers.update(problem.headers)
        return response
