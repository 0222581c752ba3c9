"""The page that the link of a confirmation leads to.

Looking at it confirms nothing, since mail scanners follow links: that takes the button. The token
is the proof, so no session and no form token is needed. What is no link of ours costs no look into
the database, so nobody's address has to be counted.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from urllib.parse import urlencode

from flask import Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from chassis.context import service_caller
from chassis.http.pages import Pages
from chassis.http.problem import Problem
from chassis.http.words import LANGUAGES, Words, catalogues, said_in, words_for
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.tracing import current_trace_id
from contacts.consents.confirming import NOWHERE, Confirmation, confirm, look_at
from contacts.consents.domain import LinkOutcome
from contacts.consents.links import CONFIRM, ConsentLink, ConsentLinks
from contacts.transaction import ContactsTx

CATALOGUE = catalogues(Words, "contacts.confirmation_page")
_LONGEST_TOKEN = 200
_STATUSES = {
    LinkOutcome.CONFIRMABLE: 200,
    LinkOutcome.CONFIRMED: 200,
    LinkOutcome.ALREADY: 200,
    LinkOutcome.INVALID: 400,
}
_GONE = 410
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The address of the page is as good as a yes, so nobody else may see it.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def confirmation_pages(operations: Operations[ContactsTx], links: ConsentLinks) -> Pages:
    """The page, declared."""
    page = ConfirmationPage(operations, links)
    pages = Pages("consents", refuse=page.refuse, headers=_HEADERS, body_limit=4 * 1024)
    proof = "the link that was sent to the address is the proof"
    pages.page(CONFIRM, "GET", public_because=proof)(page.show)
    pages.page(CONFIRM, "POST", public_because=proof)(page.agree)
    return pages


class ConfirmationPage:
    """Shows what a person is asked to agree to, and takes the yes."""

    def __init__(self, operations: Operations[ContactsTx], links: ConsentLinks) -> None:
        self._operations = operations
        self._links = links
        templates = files("contacts.confirmation_page").joinpath("templates")
        style = templates.joinpath("style.css").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self._style = style
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        )
        self._templates = Environment(
            loader=PackageLoader("contacts.confirmation_page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def show(self) -> Response:
        """Say what the link is about; changes nothing."""
        token = request.args.get("token", "")
        link = self._link(token)
        if link is None:
            return self._answer(NOWHERE)
        caller = service_caller("contacts", link.tenant_id)
        told = self._operations.read(caller, EVERYTHING, look_at, self._links, link)
        return self._answer(told, token)

    def agree(self) -> Response:
        """Take the yes."""
        link = self._link(request.form.get("token", ""))
        if link is None:
            return self._answer(NOWHERE)
        caller = service_caller("contacts", link.tenant_id)
        return self._answer(self._operations.run(caller, confirm, link))

    def refuse(self, problem: Problem) -> Response:
        """A refusal as a page."""
        words = self._words("")  # the form may be what is refused
        trace_id = current_trace_id() or "-"
        return self._render(words, "failed", problem.status, {"trace_id": trace_id})

    def _link(self, token: str) -> ConsentLink | None:
        return self._links.read(token) if len(token) <= _LONGEST_TOKEN else None

    def _answer(self, told: Confirmation, token: str = "") -> Response:
        words = self._words(told.language)
        values, description = {"purpose": "", "channel": ""}, ""
        if told.purpose is not None and told.channel is not None:
            purpose = told.purpose
            name = said_in(words.language, purpose.name) or purpose.key
            values = {"purpose": name, "channel": words(f"by.{told.channel}")}
            description = said_in(words.language, purpose.description)
        asks = told.outcome is LinkOutcome.CONFIRMABLE
        return self._render(
            words,
            told.outcome,
            _STATUSES.get(told.outcome, _GONE),
            values,
            token=token if asks else "",
            description=description if asks else "",
        )

    def _words(self, language: str) -> Words:
        """The texts in the language that is chosen, else the person's, else the browser's."""
        chosen = request.args.get("lang", "")[:20]
        return words_for(CATALOGUE, (chosen, language, *request.accept_languages.values()))

    def _render(
        self,
        words: Words,
        key: str,
        status: int,
        values: Mapping[str, object],
        *,
        token: str = "",
        description: str = "",
    ) -> Response:
        html = self._templates.get_template("confirmation.html").render(
            t=words,
            title=words(f"{key}.title"),
            text=words(f"{key}.text", **values),
            hint=words(f"{key}.hint", **values),
            description=description,
            token=token,
            action=f"{CONFIRM}?{urlencode({'lang': words.language})}",
            style=self._style,
            languages=_languages(),
        )
        response = Response(html, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["Content-Language"] = words.language
        return response


def _languages() -> list[tuple[str, str, str]]:
    """Tag, name and address of this page in each language; none for what answers a form."""
    if request.method not in ("GET", "HEAD"):
        return []
    query = {name: value for name, value in request.args.items() if name == "token"}
    return [
        (tag, name, f"{CONFIRM}?{urlencode({**query, 'lang': tag})}")
        for tag, name in LANGUAGES.items()
    ]
