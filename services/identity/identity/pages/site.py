"""What all pages share: templates, headers, forms that only our own pages can send, refusals."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import timedelta
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, g, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from chassis.domain import Clock
from chassis.http.address import Addresses
from chassis.http.problem import HttpProblem, Problem
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.tracing import current_trace_id
from identity.oauth.clients import OAuthClient
from identity.pages.browser import Browser, SignedIn
from identity.pages.destination import origin
from identity.pages.sealed import SealedState
from identity.pages.words import LANGUAGES, Words
from identity.transaction import IdentityTx

STYLE = "/p/identity/style.css"
ICON = "/p/identity/icon.svg"
SCRIPT = "/p/identity/passkey.js"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}

_REASONS = {
    400: "error.bad_request",
    404: "error.not_found",
    405: "error.bad_request",
    413: "error.bad_request",
    414: "error.bad_request",
    503: "error.unavailable",
}


class BadForm(HttpProblem):
    """A form that was not sent by one of our own pages in this browser."""

    def __init__(self) -> None:
        super().__init__(403, "form_not_ours", "The form is not one of ours, or out of date.")


class Site:
    """Renders pages and takes forms."""

    def __init__(
        self,
        run: Operations[IdentityTx],
        clock: Clock,
        sealed: SealedState,
        addresses: Addresses,
        public_url: str,
    ) -> None:
        self.run = run
        self.clock = clock
        self.sealed = sealed
        self.public_url = public_url
        self._addresses = addresses
        self._secure = public_url.startswith("https://")
        static = files("identity.pages").joinpath("static")
        self._style = static.joinpath("style.css").read_bytes()
        self._icon = static.joinpath("icon.svg").read_bytes()
        self._script = static.joinpath("passkey.js").read_bytes()
        self._script_url = f"{SCRIPT}?v={hashlib.sha256(self._script).hexdigest()[:12]}"
        self._style_url = f"{STYLE}?v={hashlib.sha256(self._style).hexdigest()[:12]}"
        self._templates = Environment(
            loader=PackageLoader("identity.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def browser(self) -> Browser:
        """The browser of this request."""
        found = g.get("browser")
        if found is None:
            address = self._addresses.of(request)
            found = Browser(request, self.run, self.clock, address, secure=self._secure)
            g.browser = found
        browser: Browser = found
        return browser

    def render(
        self,
        template: str,
        words: Words,
        *,
        status: int = 200,
        form_targets: Iterable[str | None] = (),
        with_script: bool = False,
        **context: Any,
    ) -> Response:
        """A page. `form_targets` are origins that a form of it may lead to in the end.

        `with_script` lets it run the one script that there is: browsers use passkeys by script alone.
        """
        browser = self.browser()
        html = self._templates.get_template(template).render(
            t=words,
            csrf=self._csrf(browser),
            style=self._style_url,
            icon=ICON,
            script=self._script_url if with_script else None,
            languages=self._languages(),
            **{"errors": {}, "notice": None, **context},
        )
        response = Response(html, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = _policy(form_targets, with_script=with_script)
        response.headers["Content-Language"] = words.language
        return browser.tell(response)

    def redirect(self, path: str, /, **query: str) -> Response:
        """Have the browser GET one of our pages, or where an app wants it back."""
        address = f"{path}?{urlencode(query)}" if query else path
        return self.browser().tell(Response(status=303, headers={"Location": address}))

    def require_own_form(self) -> None:
        """Raises `BadForm` unless the form was rendered by us for this browser."""
        fetched = request.headers.get("Sec-Fetch-Site", "same-origin")
        expected, given = self._csrf(self.browser()), request.form.get("csrf", "")
        own = hmac.compare_digest(expected.encode(), given.encode())
        if fetched not in ("same-origin", "none") or not own:
            raise BadForm

    def chosen_account(self) -> SignedIn | None:
        """Who is signed in to the organisation that the page with this form was about.

        A browser may be signed in to several, and another tab may have changed which comes first.
        """
        try:
            chosen = UUID(request.form.get("organisation", ""))
        except ValueError:
            return None
        return self.browser().signed_in(chosen)

    def seal(self, purpose: str, value: Any, lasts: timedelta = timedelta(minutes=10)) -> str:
        """State for a hidden field of this browser's form."""
        return self.sealed.seal(f"{purpose}:{self.browser().key}", value, lasts)

    def unseal(self, purpose: str) -> Any:
        """The state that comes back in the field `state`, or None."""
        text = request.form.get("state", "")
        return self.sealed.open(f"{purpose}:{self.browser().key}", text)

    def refuse(self, problem: Problem) -> Response:
        """A refusal as a page."""
        seconds = problem.headers.get("Retry-After", "5")
        if problem.code == "form_not_ours":
            key = "error.csrf"
        elif problem.status == 429:
            key = "error.too_many"
        else:
            key = _REASONS.get(problem.status, "error.internal")
        return self.error(key, problem.status, seconds=seconds)

    def error(self, key: str, status: int = 400, **values: object) -> Response:
        """A page that says why it goes no further."""
        words = self.browser().words()
        trace_id = current_trace_id() or "-"
        text = words(key, **values)
        return self.render("error.html", words, status=status, text=text, trace_id=trace_id)

    def style(self) -> Response:
        """The style sheet; its address changes with its content."""
        response = Response(self._style, content_type="text/css; charset=utf-8")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    def script(self) -> Response:
        """The script for passkeys; its address changes with its content."""
        response = Response(self._script, content_type="text/javascript; charset=utf-8")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    def icon(self) -> Response:
        """The picture in a browser's tab."""
        response = Response(self._icon, content_type="image/svg+xml")
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response

    def _csrf(self, browser: Browser) -> str:
        return self.sealed.token(f"csrf:{browser.key}")

    def _languages(self) -> list[tuple[str, str, str]]:
        """Tag, name and address of this page in each language; none for what answers a form."""
        if request.method != "GET":
            return []
        query = request.args.to_dict()
        return [
            (tag, name, f"{request.path}?{urlencode({**query, 'lang': tag})}")
            for tag, name in LANGUAGES.items()
        ]


def targets_of(client: OAuthClient | None) -> list[str]:
    """Where an app's users may be sent back to: browsers check that after forms."""
    if client is None:
        return []
    return list(dict.fromkeys(origin(uri) for uri in client.redirect_uris))


def _policy(form_targets: Iterable[str | None], *, with_script: bool) -> str:
    script = "script-src 'self'; " if with_script else ""
    targets = " ".join(["'self'", *(target for target in form_targets if target)])
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"{script}frame-ancestors 'none'; form-action {targets}"
    )
