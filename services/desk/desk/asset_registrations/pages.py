"""The page on which a customer registers what they own, by a link of ours.

The link is the proof of who it is, and shows nothing of what they have. What waits is answered like
what was taken: nobody learns here whether a serial number is somebody else's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from chassis.context import Caller, service_caller
from chassis.domain import Clock, Conflict, Invalid, NotFound
from chassis.http.pages import Pages
from chassis.http.problem import HttpProblem, Problem
from chassis.http.words import LANGUAGES, Words, catalogues, words_for
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.tracing import current_trace_id
from desk.article_pages.rendering import Renderer
from desk.asset_models.queries import registrable_models
from desk.asset_registrations.domain import Claim, RegistrationChannel
from desk.asset_registrations.links import PAGE, RegistrationLink, RegistrationLinks
from desk.asset_registrations.models import LONGEST_ORDER_NUMBER
from desk.asset_registrations.operations import register_asset
from desk.assets.domain import LONGEST_SERIAL
from desk.open_tenants import NOT_AVAILABLE, OpenTenants
from desk.transaction import DeskTx

CATALOGUE = catalogues(Words, "desk.asset_registrations")
_LONGEST_SKU = 100
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    # The address of the page stands for the customer, so nobody else may see it.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def registration_pages(
    operations: Operations[DeskTx], links: RegistrationLinks, tenants: OpenTenants, clock: Clock
) -> Pages:
    """The page, declared."""
    page = RegistrationPage(operations, links, tenants, clock)
    pages = Pages("products", refuse=page.refuse, headers=_HEADERS, body_limit=16 * 1024)
    proof = "the link that went to the customer is the proof"
    pages.page(PAGE, "GET", public_because=proof)(page.show)
    pages.page(PAGE, "POST", public_because=proof)(page.register)
    return pages


class RegistrationPage:
    """Shows the form, and takes what a customer says."""

    def __init__(
        self,
        operations: Operations[DeskTx],
        links: RegistrationLinks,
        tenants: OpenTenants,
        clock: Clock,
    ) -> None:
        self._operations = operations
        self._links = links
        self._tenants = tenants
        self._clock = clock
        self._renderer = Renderer("desk.asset_registrations")

    def show(self) -> Response:
        """Show the form; changes nothing."""
        token = request.args.get("token", "")
        return self._form(token, self._link(token), {}, "")

    def register(self) -> Response:
        """Take what a customer says is theirs, and send the browser on."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            message = "Products are registered on their own page only."
            raise HttpProblem(403, "origin_refused", message)
        token = request.form.get("token", "")
        link = self._link(token)
        given = {name: request.form.get(name, "").strip() for name in _LONGEST}
        claim, wrong = _claim(given)
        if claim is not None:
            try:
                self._operations.run(
                    _caller(link),
                    register_asset,
                    link.person_id,
                    claim,
                    RegistrationChannel.PAGE,
                )
            except Invalid as error:
                wrong = error.violations[0].pointer.lstrip("/") if error.violations else "form"
            except Conflict as error:
                if error.code != "asset_registrations_too_many":
                    raise
                wrong = "form"
        if wrong:
            return self._form(token, link, given, wrong)
        return Response(status=303, headers={"Location": _address(token, _wish(), done="yes")})

    def refuse(self, problem: Problem) -> Response:
        """A refusal as a page."""
        words, key = _words(), "failed"
        if problem.status == HTTPStatus.NOT_FOUND:
            key = "closed" if problem.code == NOT_AVAILABLE else "missing"
        elif problem.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            key = "busy"
        said = {"text": words(f"{key}.text", trace_id=current_trace_id() or "-")}
        return self._renderer.page(words, words(f"{key}.title"), problem.status, "notice", said)

    def _link(self, token: str) -> RegistrationLink:
        """What the link says. Raises `NotFound` for one that is not ours, or holds no longer."""
        link = self._links.read(token)
        if link is None or link.expires_at <= self._clock.now():
            raise NotFound("That is no link of ours, or it holds no longer.")
        self._tenants.require(link.tenant_id)
        return link

    def _form(
        self, token: str, link: RegistrationLink, given: Mapping[str, str], wrong: str
    ) -> Response:
        words = _words()
        said: dict[str, Any] = {
            "models": self._operations.read(_caller(link), EVERYTHING, registrable_models),
            "token": token,
            "action": f"{PAGE}?{urlencode({'lang': words.language})}",
            "given": {name: given.get(name, "") for name in _LONGEST},
            "wrong": wrong,
            "done": request.args.get("done") == "yes",
        }
        addresses = {tag: _address(token, tag) for tag in LANGUAGES}
        return self._renderer.page(
            words, words("title"), 422 if wrong else 200, "form", said, languages=addresses
        )


_LONGEST = {
    "product_sku": _LONGEST_SKU,
    "serial_number": LONGEST_SERIAL,
    "bought_on": 10,
    "order_number": LONGEST_ORDER_NUMBER,
}


def _claim(given: Mapping[str, str]) -> tuple[Claim | None, str]:
    """What a form says, or the name of the first field that is wrong."""
    for name, longest in _LONGEST.items():
        if len(given[name]) > longest:
            return None, name
    try:
        bought_on = date.fromisoformat(given["bought_on"]) if given["bought_on"] else None
    except ValueError:
        return None, "bought_on"
    names = ("product_sku", "serial_number", "order_number")
    return Claim(bought_on=bought_on, **{name: given[name] for name in names}), ""


def _wish() -> str:
    return request.args.get("lang", "")[:20]


def _words() -> Words:
    """The texts in the language that is chosen, else the browser's."""
    return words_for(CATALOGUE, (_wish(), *request.accept_languages.values()))


def _address(token: str, language: str, **more: str) -> str:
    query = {"token": token, **({"lang": language} if language else {}), **more}
    return f"{PAGE}?{urlencode(query)}"


def _caller(link: RegistrationLink) -> Caller:
    return service_caller("desk", link.tenant_id)
