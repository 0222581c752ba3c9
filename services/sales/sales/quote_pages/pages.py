"""The page that the link of a quote leads to: read it, take it along as a PDF, accept or reject it.

Looking at it answers nothing, since mail scanners follow links: that takes a button. The token is
the proof, and no page of somebody else's knows it, so no session and no form token is needed. What is
no link of ours costs no look into the database.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from chassis.context import Caller, service_caller
from chassis.domain import NotFound
from chassis.http.pages import Pages
from chassis.http.problem import HttpProblem, Problem
from chassis.http.words import LANGUAGES, catalogues, words_for
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.tracing import current_trace_id
from sales.letterheads.logos import media_type
from sales.open_tenants import NOT_AVAILABLE, OpenTenants
from sales.quote_documents.document import QuoteDocument
from sales.quote_documents.layout import pdf_of
from sales.quote_documents.words import QuoteWords, amount, number, price
from sales.quote_pages.answering import Shown, Standing, accept, look_at, reject
from sales.quote_pages.links import PAGE, QuoteLink, QuoteLinks
from sales.transaction import SalesTx

CATALOGUE = catalogues(QuoteWords, "sales.quote_pages")
_LONGEST_NAME, _LONGEST_REASON = 100, 2_000
_GONE, _NOWHERE = 410, 404
_ANSWERED = (Standing.OPEN, Standing.ACCEPTED, Standing.REJECTED)
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    # The address of the page is as good as a yes, so nobody else may see it.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def quote_pages(operations: Operations[SalesTx], links: QuoteLinks, tenants: OpenTenants) -> Pages:
    """The pages, declared."""
    page = QuotePages(operations, links, tenants)
    pages = Pages("quotes", refuse=page.refuse, headers=_HEADERS, body_limit=16 * 1024)
    proof = "the link that went to the customer is the proof"
    pages.page(PAGE, "GET", public_because=proof)(page.show)
    pages.page(f"{PAGE}/pdf", "GET", public_because=proof)(page.download)
    pages.page(f"{PAGE}/accept", "POST", public_because=proof)(page.accept)
    pages.page(f"{PAGE}/reject", "POST", public_because=proof)(page.reject)
    return pages


class QuotePages:
    """Shows a quote to its customer, and takes the answer."""

    def __init__(
        self, operations: Operations[SalesTx], links: QuoteLinks, tenants: OpenTenants
    ) -> None:
        self._operations = operations
        self._links = links
        self._tenants = tenants
        templates = files("sales.quote_pages").joinpath("templates")
        self._style = templates.joinpath("style.css").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        )
        self._templates = Environment(
            loader=PackageLoader("sales.quote_pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def show(self) -> Response:
        """Say what is offered, and what has become of it; changes nothing."""
        token = request.args.get("token", "")
        return self._page(token, self._look(self._link(token)))

    def download(self) -> Response:
        """Give what is offered as a PDF."""
        shown = self._look(self._link(request.args.get("token", "")))
        document = shown.document
        if document is None:
            raise HttpProblem(_GONE, "quote_withdrawn", "This version is not on offer any more.")
        written = pdf_of(document, _wish() or document.language or _words("").language)
        response = Response(written, content_type="application/pdf")
        name = f"{document.number}-{document.revision}.pdf"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def accept(self) -> Response:
        """Take the yes, with the name of whoever says it."""
        token, link = self._posted()
        name = " ".join(request.form.get("name", "").split())
        agrees = request.form.get("terms") == "yes"
        if not name or len(name) > _LONGEST_NAME or not agrees:
            wrong = "name" if not name or len(name) > _LONGEST_NAME else "terms"
            return self._page(token, self._look(link), wrong=wrong, name=name[:_LONGEST_NAME])
        return self._answered(token, link, self._operations.run(_caller(link), accept, link, name))

    def reject(self) -> Response:
        """Take the no, with the reason if one is given."""
        token, link = self._posted()
        reason = request.form.get("reason", "").strip()[:_LONGEST_REASON]
        standing = self._operations.run(_caller(link), reject, link, reason)
        return self._answered(token, link, standing)

    def refuse(self, problem: Problem) -> Response:
        """A refusal as a page."""
        nowhere = problem.status == _NOWHERE
        values = {"trace_id": current_trace_id() or "-"}
        words = _words("")
        key = "invalid" if nowhere else "busy" if problem.status in (429, 503) else "failed"
        if problem.code == NOT_AVAILABLE:
            key = "closed"
        if problem.status == _GONE:
            key = Standing.WITHDRAWN.value
        return self._render(words, problem.status, {**_told(words, key, values), "shown": None})

    def _posted(self) -> tuple[str, QuoteLink]:
        """What a form of this page sends. Raises a 403 for one of another site."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            message = "Quotes are answered on their own page only."
            raise HttpProblem(403, "origin_refused", message)
        token = request.form.get("token", "")
        return token, self._link(token)

    def _link(self, token: str) -> QuoteLink:
        link = self._links.read(token)
        if link is None:
            raise NotFound("That is no link of ours.")
        self._tenants.require(link.tenant_id)
        return link

    def _look(self, link: QuoteLink) -> Shown:
        return self._operations.read(_caller(link), EVERYTHING, look_at, link)

    def _answered(self, token: str, link: QuoteLink, standing: Standing) -> Response:
        """Send the browser on to the page, so that loading it again answers nothing twice."""
        if standing not in _ANSWERED:
            return self._page(token, self._look(link))
        return Response(status=303, headers={"Location": _address(token, _wish())})

    def _page(self, token: str, shown: Shown, *, wrong: str = "", name: str = "") -> Response:
        document = shown.document
        words = _words("" if document is None else document.language)
        values = {
            "number": shown.number,
            "name": shown.accepted_by,
            "day": "" if shown.answered_at is None else words.day(shown.answered_at.date()),
            "until": "" if document is None else words.day(document.valid_until),
        }
        told = _told(words, shown.standing, values)
        if shown.standing is Standing.ACCEPTED and not shown.accepted_by:
            told["text"] = words("accepted.unnamed", **values)  # the seller has noted it
        said = {
            **told,
            "shown": shown,
            "doc": document,
            "letterhead": None if document is None else document.letterhead,
            "logo": _logo(document),
            "token": token,
            "action": f"?{urlencode({'lang': words.language})}",
            "pdf": _address(token, words.language, "/pdf"),
            "page": PAGE,
            "languages": [(tag, name, _address(token, tag)) for tag, name in LANGUAGES.items()],
            "wrong": wrong,
            "given_name": name,
        }
        gone = shown.standing not in _ANSWERED
        return self._render(words, 422 if wrong else _GONE if gone else 200, said)

    def _render(self, words: QuoteWords, status: int, said: Mapping[str, Any]) -> Response:
        template = self._templates.get_template("quote.html")
        html = template.render(
            t=words, style=self._style, amount=amount, number=number, price=price, **said
        )
        response = Response(html, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["Content-Language"] = words.language
        return response


def _told(words: QuoteWords, key: str, values: Mapping[str, object]) -> dict[str, str]:
    return {part: words(f"{key}.{part}", **values) for part in ("title", "text")}


def _logo(document: QuoteDocument | None) -> str:
    """The seller's logo as an address that holds all of it; empty without one."""
    letterhead = None if document is None else document.letterhead
    if letterhead is None or letterhead.logo is None:
        return ""
    encoded = base64.b64encode(letterhead.logo).decode()
    return f"data:{media_type(letterhead.logo)};base64,{encoded}"


def _wish() -> str:
    """The language that was chosen on the page."""
    return request.args.get("lang", "")[:20]


def _words(language: str) -> QuoteWords:
    """The texts in the language that is chosen, else the browser's, else the document's."""
    return words_for(CATALOGUE, (_wish(), *request.accept_languages.values(), language))


def _address(token: str, language: str, page: str = "") -> str:
    query = {"token": token, **({"lang": language} if language else {})}
    return f"{PAGE}{page}?{urlencode(query)}"


def _caller(link: QuoteLink) -> Caller:
    return service_caller("sales", link.tenant_id)
