"""The public knowledge base: what a tenant has published for everybody, to read and to search.

Articles for customers open by a link of ours. Nothing here tells whether an internal article is there.
Pages need no script, and read well with none of our style.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request

from chassis.context import Caller, service_caller
from chassis.domain import NotFound
from chassis.http.pages import Pages
from chassis.http.problem import HttpProblem, Problem
from chassis.http.words import Words, catalogues, words_for
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.tracing import current_trace_id
from desk.article_feedback.domain import LONGEST_COMMENT
from desk.article_feedback.operations import count_view, give_feedback
from desk.article_pages.looking import Contents, contents
from desk.article_pages.rendering import Renderer
from desk.article_pages.visitors import COOKIE, Visitors
from desk.articles.domain import Visibility
from desk.articles.links import PAGES, ArticleLinks, path_of
from desk.articles.queries import find_by_key, get_published
from desk.open_tenants import NOT_AVAILABLE, OpenTenants
from desk.transaction import DeskTx

CATALOGUE = catalogues(Words, "desk.article_pages")
_LONGEST_QUERY, _LONGEST_KEY, _LONGEST_ACCESS = 200, 80, 64
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def article_pages(
    operations: Operations[DeskTx], links: ArticleLinks, visitors: Visitors, tenants: OpenTenants
) -> Pages:
    """The pages, declared."""
    page = ArticlePages(operations, links, visitors, tenants)
    pages = Pages("articles", refuse=page.refuse, headers=_HEADERS, body_limit=32 * 1024)
    why = "what a tenant has published for everybody is for everybody"
    pages.page(PAGES, "GET", public_because=why)(page.show_contents)
    pages.page(f"{PAGES}/<key>", "GET", public_because=why)(page.show_article)
    pages.page(f"{PAGES}/<key>/feedback", "POST", public_because=why)(page.take_feedback)
    return pages


class ArticlePages:
    """Shows a tenant's public articles, and takes what readers say."""

    def __init__(
        self,
        operations: Operations[DeskTx],
        links: ArticleLinks,
        visitors: Visitors,
        tenants: OpenTenants,
    ) -> None:
        self._operations = operations
        self._links = links
        self._visitors = visitors
        self._tenants = tenants
        self._renderer = Renderer()

    def show_contents(self, tenant_id: UUID) -> Response:
        """Show what there is to read, or what was found."""
        self._tenants.require(tenant_id)
        words = _words()
        query = request.args.get("q", "")[:_LONGEST_QUERY].strip()
        found: Contents = self._read(tenant_id, contents, words.language, query)
        page = path_of(tenant_id)
        said = {"contents": found, "query": query, "page": page, "lang": words.language}
        title = words("search.title", query=query) if query else words("contents.title")
        return self._renderer.page(words, title, 200, "contents", said)

    def show_article(self, tenant_id: UUID, key: str) -> Response:
        """Show an article in the reader's language, as far as there is one."""
        words, access = _words(), request.args.get("access", "")[:_LONGEST_ACCESS]
        article = self._article(tenant_id, key, words.language, access)
        if request.method == "GET":
            self._operations.run(
                _caller(tenant_id), count_view, article["id"], article["visibility"]
            )
        visitor = self._visitors.known(request.cookies.get(COOKIE, "")) or self._visitors.new()
        response = self._shown(words, tenant_id, article, visitor, access)
        self._visitors.remember(response, visitor)
        return response

    def take_feedback(self, tenant_id: UUID, key: str) -> Response:
        """Take what a reader says, once; and send the browser back to the article."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            message = "Articles are judged on their own page only."
            raise HttpProblem(403, "origin_refused", message)
        access = request.form.get("access", "")[:_LONGEST_ACCESS]
        words = _words()
        article = self._article(tenant_id, key, words.language, access)
        visitor = self._visitors.known(
            request.cookies.get(COOKIE, ""), request.form.get("visitor", "")
        )
        helpful = request.form.get("helpful", "")
        if visitor is None or helpful not in ("yes", "no"):
            raise HttpProblem(422, "validation_failed", "The form is not the one of the page.")
        self._operations.run(
            _caller(tenant_id),
            give_feedback,
            article["id"],
            visitor=visitor,
            helpful=helpful == "yes",
            comment=request.form.get("comment", "")[:LONGEST_COMMENT],
            language=article["language"],
        )
        back = _address(tenant_id, key, words.language, access, thanks="yes")
        return Response(status=303, headers={"Location": back})

    def refuse(self, problem: Problem) -> Response:
        """A refusal as a page."""
        words = _words()
        key = "failed"
        if problem.status == HTTPStatus.NOT_FOUND:
            key = "closed" if problem.code == NOT_AVAILABLE else "missing"
        elif problem.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            key = "busy"
        said = {"text": words(f"{key}.text", trace_id=current_trace_id() or "-")}
        return self._renderer.page(words, words(f"{key}.title"), problem.status, "notice", said)

    def _article(self, tenant_id: UUID, key: str, language: str, access: str) -> dict[str, Any]:
        """The article, for whoever may read it. Raises `NotFound`: nobody can tell why."""
        self._tenants.require(tenant_id)
        if len(key) > _LONGEST_KEY or "\x00" in key:
            raise NotFound("There is no such article.")
        article_id: UUID = self._read(tenant_id, find_by_key, key)
        article: dict[str, Any] = self._read(tenant_id, get_published, article_id, language)
        visibility = article["visibility"]
        if visibility is Visibility.PUBLIC:
            return article
        if visibility is Visibility.CUSTOMERS and self._links.opens(tenant_id, article_id, access):
            return article
        raise NotFound("There is no such article.")

    def _shown(
        self,
        words: Words,
        tenant_id: UUID,
        article: Mapping[str, Any],
        visitor: str,
        access: str,
    ) -> Response:
        key = article["key"]
        said = {
            "article": article,
            "page": path_of(tenant_id),
            "action": f"{path_of(tenant_id)}/{key}/feedback?{urlencode({'lang': words.language})}",
            "visitor": visitor,
            "access": access,
            "thanks": request.args.get("thanks") == "yes",
            "is_public": article["visibility"] is Visibility.PUBLIC,
        }
        addresses = {tag: _address(tenant_id, key, tag, access) for tag in CATALOGUE}
        return self._renderer.page(
            words, article["title"], 200, "article", said, languages=addresses
        )

    def _read(self, tenant_id: UUID, query: Any, *asked: Any) -> Any:
        return self._operations.read(_caller(tenant_id), EVERYTHING, query, *asked)


def _words() -> Words:
    """The texts in the language that is chosen, else the browser's."""
    chosen = request.args.get("lang", "")[:20]
    return words_for(CATALOGUE, (chosen, *request.accept_languages.values()))


def _address(tenant_id: UUID, key: str, language: str, access: str, **more: str) -> str:
    query = {"lang": language, **({"access": access} if access else {}), **more}
    return f"{path_of(tenant_id)}/{key}?{urlencode(query)}"


def _caller(tenant_id: UUID) -> Caller:
    return service_caller("desk", tenant_id)
