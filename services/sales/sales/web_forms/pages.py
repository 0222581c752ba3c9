"""Where public pages submit web forms to: anybody may, so everything is doubted (SA-1).

A page of an origin that the form does not list is refused. What looks like abuse is held back, and
answered like all else, so that programs learn nothing. Nobody is sent anywhere but to an address
that the form itself lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from uuid import UUID

import orjson
from flask import Response, request

from chassis.context import Caller, service_caller
from chassis.domain import Clock, Invalid, NotFound
from chassis.http.body import parse_json, read_raw
from chassis.http.pages import Pages
from chassis.http.problem import HttpProblem, Problem, problem_response
from chassis.storage.database import Database
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from sales.open_tenants import OpenTenants
from sales.transaction import SalesTx
from sales.web_forms.domain import Submitted, WebForm
from sales.web_forms.operations import submit
from sales.web_forms.queries import find_web_form, tenant_of_form
from sales.web_forms.snippet import LANGUAGE, THANK_YOU, TICKET, TRAP, VARIANT
from sales.web_forms.tickets import Tickets

_LIMIT = 32 * 1024
_LONGEST_ANSWER = 10_000
_FORM_ENCODED = "application/x-www-form-urlencoded"
_JSON = "application/json"
_OWN = (TRAP, LANGUAGE, TICKET, THANK_YOU, VARIANT)
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Vary": "Origin",
}
_PATH = "/p/sales/forms/<uuid:web_form_id>"


def web_form_pages(
    database: Database,
    operations: Operations[SalesTx],
    clock: Clock,
    secret: str,
    tenants: OpenTenants,
) -> Pages:
    """The pages, declared."""
    page = WebFormPages(database, operations, clock, Tickets(secret), tenants)
    pages = Pages("web-forms", refuse=_refused, headers=_HEADERS, body_limit=_LIMIT)
    why = "visitors of a tenant's public pages have no token; what they send is doubted"
    pages.page(_PATH, "POST", public_because=why)(page.submit)
    pages.page(_PATH, "OPTIONS", public_because=why)(page.allow)
    pages.page(f"{_PATH}/ticket", "GET", public_because=why)(page.open)
    return pages


class WebFormPages:
    """Hands out tickets and takes submissions."""

    def __init__(
        self,
        database: Database,
        operations: Operations[SalesTx],
        clock: Clock,
        tickets: Tickets,
        tenants: OpenTenants,
    ) -> None:
        self._database = database
        self._operations = operations
        self._clock = clock
        self._tickets = tickets
        self._tenants = tenants

    def allow(self, web_form_id: UUID) -> Response:
        """Tell a browser that a script of an allowed page may submit JSON."""
        form, _ = self._form(web_form_id)
        response = _shared(Response(status=204), _known_origin(form))
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Max-Age"] = "600"
        return response

    def open(self, web_form_id: UUID) -> Response:
        """Hand out the proof of when the form was opened."""
        form, _ = self._form(web_form_id)
        origin = _known_origin(form)
        ticket = self._tickets.issue(form.id, self._clock.now())
        return _shared(_json({TICKET: ticket}), origin)

    def submit(self, web_form_id: UUID) -> Response:
        """Take what a visitor sends, and send a browser on."""
        form, caller = self._form(web_form_id)
        origin = _known_origin(form)
        given = _given()
        answers = {name: text for name, text in given.items() if name not in _OWN}
        ticket = given.get(TICKET, "")
        sent = Submitted(
            answers=answers,
            opening=self._tickets.read(form.id, ticket, self._clock.now()),
            variant=given.get(VARIANT, "")[:100],
            trap=given.get(TRAP, ""),
            from_known_page=bool(origin),
            ticket=ticket,
        )
        self._operations.run(caller, submit, form, sent, given.get(LANGUAGE, "")[:35])
        if request.mimetype == _JSON:
            return _shared(_json({"received": True}, 202), origin)
        return _onwards(form.definition.next_address(given.get(THANK_YOU, "")))

    def _form(self, web_form_id: UUID) -> tuple[WebForm, Caller]:
        tenant_id = tenant_of_form(self._database, web_form_id)
        if tenant_id is None:
            raise NotFound.of("web form", web_form_id)
        self._tenants.require(tenant_id)
        caller = service_caller("sales", tenant_id)
        form = self._operations.read(caller, EVERYTHING, find_web_form, web_form_id)
        if form.archived_at is not None:
            raise HttpProblem(410, "web_form_archived", "This form takes nothing any more.")
        return form, caller


def _known_origin(form: WebForm) -> str:
    """The origin of the page, empty when the browser does not say. Raises a 403 for another one.

    A browser that hides the origin sends "null", as from pages with the policy `no-referrer`.
    """
    origin: str = request.headers.get("Origin", "")
    if origin == "null":
        return ""
    if origin and origin not in form.definition.allowed_origins:
        message = "This form is not taken from pages of that origin."
        raise HttpProblem(403, "origin_refused", message)
    return origin


def _given() -> Mapping[str, str]:
    if request.mimetype == _FORM_ENCODED:
        given: Mapping[str, Any] = request.form.to_dict()
    elif request.mimetype == _JSON:
        given = parse_json(read_raw(request, _LIMIT))
        if not isinstance(given, dict):
            raise HttpProblem(422, "not_an_object", "The body has to be a JSON object.")
    else:
        message = f"The body has to be {_FORM_ENCODED} or {_JSON}."
        raise HttpProblem(415, "media_type", message)
    for name, text in given.items():
        if not isinstance(text, str) or len(text) > _LONGEST_ANSWER:
            message = f"This has to be a text of at most {_LONGEST_ANSWER} characters."
            raise Invalid.at(f"/{name[:100]}", "not_a_text", message)
    return given


def _onwards(address: str | None) -> Response:
    if address is None:
        return _page("Thank you. / 謝謝您。", 200)
    return Response(status=303, headers={"Location": address})


def _shared(response: Response, origin: str) -> Response:
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, content_type=_JSON)


def _refused(problem: Problem) -> Response:
    """A refusal: words for a browser, a problem document for all else."""
    if "text/html" not in request.headers.get("Accept", ""):
        return problem_response(problem, request.path)
    wrong = [f"{one.pointer.lstrip('/')}: {one.message}" for one in problem.violations]
    return _page("\n".join([problem.detail, *wrong]), problem.status)


def _page(text: str, status: int) -> Response:
    lines = "".join(f"<p>{escape(line)}</p>" for line in text.split("\n"))
    html = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Form</title>{lines}</html>'
    return Response(html, status, content_type="text/html; charset=utf-8")
