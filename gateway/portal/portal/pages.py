"""The documentation site: overview, API reference, services, facts, errors, guides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path
from typing import Any, ClassVar

from flask import Blueprint, Response, abort, g, redirect, render_template, request

from portal.catalogue import Known, Snapshot
from portal.contract import Json
from portal.facts import Facts
from portal.guides import Guides
from portal.merge import operations
from portal.texts import COOKIE, LANGUAGES, texts_for, wanted_language

_STATIC = Path(__file__).parent / "static"
_MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_A_YEAR = 365 * 24 * 3600
# Nothing from elsewhere is loaded, and no script that stands in a page runs.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class OperationRow:
    """An operation in a service's list."""

    method: str
    path: str
    summary: str
    permission: str
    link: str


class Swagger:
    """The files of Swagger UI, which come with a package and are never fetched from elsewhere."""

    _PACKAGE = "flask-openapi3-swagger"
    _FILES: ClassVar[Mapping[str, str]] = {
        "swagger-ui.css": "css/swagger-ui.css",
        "swagger-ui-bundle.js": "js/swagger-ui-bundle.js",
    }

    def __init__(self) -> None:
        folder = resources.files("flask_openapi3_swagger") / "templates" / "swagger"
        self.version = metadata.version(self._PACKAGE)
        """Part of the files' addresses, so that they may be kept for ever."""
        self.files = {name: (folder / path).read_bytes() for name, path in self._FILES.items()}


class Site:
    """The pages, over what the catalogue knows at the time of each request."""

    def __init__(
        self, snapshot: Callable[[], Snapshot], guides: Guides, facts: Facts, *, has_mail: bool
    ) -> None:
        self._has_mail = has_mail
        self._snapshot = snapshot
        self._facts = facts
        self._guides = guides
        self._swagger = Swagger()
        self._assets = {path.name: path.read_bytes() for path in _STATIC.iterdir()}
        self._digests = {
            name: hashlib.sha256(content).hexdigest()[:12] for name, content in self._assets.items()
        }

    def blueprint(self) -> Blueprint:
        """The routes of the site."""
        pages = Blueprint("pages", __name__, template_folder="templates")
        for path, view in (
            ("/", lambda: redirect("/docs")),
            ("/docs", self._home),
            ("/docs/", lambda: redirect("/docs")),
            ("/docs/api", self._reference),
            ("/docs/api/<service>", self._reference),
            ("/docs/services/<service>", self._service),
            ("/docs/facts", self._all_facts),
            ("/docs/facts/<name>", self._fact),
            ("/docs/problems", self._problems),
            ("/docs/problems/<code>", self._problem),
            ("/docs/guides", self._all_guides),
            ("/docs/guides/<slug>", self._guide),
            ("/docs/assets/<name>", self._asset),
            ("/docs/swagger/<version>/<name>", self._swagger_file),
        ):
            pages.add_url_rule(path, endpoint=f"{path} {view.__name__}", view_func=view)
        return pages

    def not_found(self) -> Response:
        """The page for an address at which nothing is."""
        return self.page("not_found.html", "not_found", status=404)

    def _home(self) -> Response:
        return self.page("home.html", "documentation", here="home")

    def _reference(self, service: str | None = None) -> Response:
        if service is not None:
            self._known(service)
        address = "/openapi.json" if service is None else f"/openapi/{service}.json"
        return self.page(
            "reference.html",
            "api_reference",
            here="api",
            service=service,
            document=address,
            swagger_version=self._swagger.version,
        )

    def _service(self, service: str) -> Response:
        known = self._known(service)
        return self.page(
            "service.html",
            service,
            here=f"service:{service}",
            known=known,
            groups=_grouped(known),
        )

    def _all_facts(self) -> Response:
        return self.page("facts.html", "facts", here="facts", facts=self._facts)

    def _fact(self, name: str) -> Response:
        message = self._facts.messages.get(name)
        if message is None:
            abort(404)
        example = json.dumps(self._facts.example(message.fields), indent=2, ensure_ascii=False)
        return self.page(
            "fact.html",
            message.message,
            here="facts",
            message=message,
            types=self._facts.types_of(message),
            headers=self._facts.headers,
            example=example,
        )

    def _problems(self) -> Response:
        return self.page("problems.html", "problems", here="problems")

    def _problem(self, code: str) -> Response:
        kinds = [kind for kind in self._snapshot().problems if kind.code == code]
        if not kinds:
            abort(404)
        return self.page("problem.html", code, here="problems", code=code, kinds=kinds)

    def _all_guides(self) -> Response:
        return self.page("guides.html", "guides", here="guides")

    def _guide(self, slug: str) -> Response:
        guide = self._guides.get(slug, self._language())
        if guide is None:
            abort(404)
        return self.page("guide.html", guide.title, here=f"guide:{slug}", guide=guide)

    def _asset(self, name: str) -> Response:
        if name not in self._assets:
            abort(404)
        current = request.args.get("v") == self._digests[name]
        return _file(name, self._assets[name], forever=current)

    def _swagger_file(self, version: str, name: str) -> Response:
        if version != self._swagger.version or name not in self._swagger.files:
            abort(404)
        return _file(name, self._swagger.files[name], forever=True)

    def _known(self, service: str) -> Known:
        known = self._snapshot().services.get(service)
        if known is None:
            abort(404)
        return known

    def _language(self) -> str:
        if "language" not in g:
            g.language = wanted_language(request)
        return str(g.language)

    def page(self, template: str, title: str, *, status: int = 200, **values: Any) -> Response:
        """A page of the site from a template; `title` is a key of the texts, or the words themselves."""
        language = self._language()
        texts = texts_for(language)
        html = render_template(
            template,
            t=texts,
            title=texts.get(title, title),
            language=language,
            languages=LANGUAGES,
            snapshot=self._snapshot(),
            guides=self._guides.all(language),
            asset=lambda name: f"/docs/assets/{name}?v={self._digests[name]}",
            **{"here": "", "service": None, "has_mail": self._has_mail, **values},
        )
        response = Response(html, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Content-Language"] = language
        response.headers["Cache-Control"] = "no-cache"
        response.vary.update(("Accept-Language", "Cookie"))
        if request.args.get("lang") == language:
            response.set_cookie(COOKIE, language, max_age=_A_YEAR, samesite="Lax", httponly=True)
        return response


def _file(name: str, content: bytes, *, forever: bool) -> Response:
    response = Response(content, mimetype=_MEDIA_TYPES[name.rpartition(".")[2]])
    response.headers["Cache-Control"] = (
        f"public, max-age={_A_YEAR}, immutable" if forever else "no-cache"
    )
    return response


def _grouped(known: Known) -> dict[str, list[OperationRow]]:
    groups: dict[str, list[OperationRow]] = {}
    for method, path, operation in operations(known.document):
        tag = next(iter(operation.get("tags", [])), known.service)
        groups.setdefault(tag, []).append(_row(known.service, tag, method, path, operation))
    return groups


def _row(service: str, tag: str, method: str, path: str, operation: Json) -> OperationRow:
    name = operation.get("operationId", "")
    return OperationRow(
        method.upper(),
        path,
        str(operation.get("summary") or operation.get("description") or ""),
        str(operation.get("x-permission") or ""),
        f"/docs/api/{service}#/{tag}/{name}" if name else f"/docs/api/{service}",
    )
