"""Where public pages send what visitors ask: anybody may, so everything is doubted.

A page of an origin that the form does not list is refused. What looks like abuse is held back, and
answered like all else, so that programs learn nothing. How often an address may send is the
gateway's to bound, and how much may wait is the form's.
"""

from __future__ import annotations

from uuid import UUID

import orjson
from flask import Response, request

from chassis.context import Caller, service_caller
from chassis.domain import NotFound
from chassis.http.body import parse_json, read_raw, validate
from chassis.http.pages import Pages
from chassis.http.problem import HttpProblem, Problem, problem_response
from chassis.storage.database import Database
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from desk.open_tenants import OpenTenants
from desk.ticket_forms.domain import Submission, TicketForm
from desk.ticket_forms.models import SubmissionIn
from desk.ticket_forms.operations import submit
from desk.ticket_forms.storage import find_form, tenant_of_form
from desk.transaction import DeskTx

_LIMIT = 64 * 1024
_FORM_ENCODED = "application/x-www-form-urlencoded"
_JSON = "application/json"
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Vary": "Origin",
}
_PATH = "/p/desk/forms/<uuid:ticket_form_id>"


def ticket_form_pages(
    database: Database, operations: Operations[DeskTx], tenants: OpenTenants
) -> Pages:
    """The pages, declared."""
    page = TicketFormPages(database, operations, tenants)
    pages = Pages("ticket-forms", refuse=_refused, headers=_HEADERS, body_limit=_LIMIT)
    why = "visitors of a tenant's website have no token; what they send is doubted"
    pages.page(_PATH, "POST", public_because=why)(page.submit)
    pages.page(_PATH, "OPTIONS", public_because=why)(page.allow)
    return pages


class TicketFormPages:
    """Takes what visitors send."""

    def __init__(
        self, database: Database, operations: Operations[DeskTx], tenants: OpenTenants
    ) -> None:
        self._database = database
        self._operations = operations
        self._tenants = tenants

    def allow(self, ticket_form_id: UUID) -> Response:
        """Tell a browser that a script of an allowed page may send JSON."""
        form, _ = self._form(ticket_form_id)
        response = _shared(Response(status=204), _known_origin(form))
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Max-Age"] = "600"
        return response

    def submit(self, ticket_form_id: UUID) -> Response:
        """Take what a visitor sends."""
        form, caller = self._form(ticket_form_id)
        origin = _known_origin(form)
        given = _given()
        sent = Submission(
            name=given.name,
            email=given.email,
            subject=given.subject,
            text=given.text,
            language=given.language,
            key=given.key,
            trap=given.website,
            from_known_page=bool(origin),
        )
        self._operations.run(caller, submit, form, sent)
        return _shared(Response(orjson.dumps({"received": True}), 202, content_type=_JSON), origin)

    def _form(self, form_id: UUID) -> tuple[TicketForm, Caller]:
        tenant_id = tenant_of_form(self._database, form_id)
        if tenant_id is None:
            raise NotFound.of("ticket form", form_id)
        self._tenants.require(tenant_id)
        caller = service_caller("desk", tenant_id)
        form = self._operations.read(caller, EVERYTHING, find_form, form_id)
        if form.archived_at is not None:
            raise HttpProblem(410, "ticket_form_archived", "This form takes nothing any more.")
        return form, caller


def _known_origin(form: TicketForm) -> str:
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


def _given() -> SubmissionIn:
    if request.mimetype == _FORM_ENCODED:
        raw = orjson.dumps(request.form.to_dict())
    elif request.mimetype == _JSON:
        raw = read_raw(request, _LIMIT)
    else:
        message = f"The body has to be {_FORM_ENCODED} or {_JSON}."
        raise HttpProblem(415, "media_type", message)
    return validate(SubmissionIn, orjson.dumps(parse_json(raw)))


def _shared(response: Response, origin: str) -> Response:
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def _refused(problem: Problem) -> Response:
    return problem_response(problem, request.path)
