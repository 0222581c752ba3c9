"""Articles of the knowledge base over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.articles import operations, queries
from desk.articles.domain import Article
from desk.articles.links import ArticleLinks
from desk.articles.models import (
    ArticleIn,
    ArticleLinkOut,
    ArticleOut,
    ArticlePatch,
    ArticleSummaryOut,
    ArticleVersionOut,
    PublishedArticleOut,
    PublishedQuery,
    changed_by,
    place_in,
    shown,
    text_in,
)
from desk.articles.operations import FirstText
from desk.articles.texts_api import add_text_routes
from desk.transaction import DeskTx

READ = "desk.articles.read"
WRITE = "desk.articles.write"
PUBLISH = "desk.articles.publish"
_ONE = "/<uuid:article_id>"
_VERSIONS = f"{_ONE}/versions"


def article_routes(links: ArticleLinks) -> Routes:
    """The routes; `links` lead customers to articles."""
    routes = Routes("/v1/desk/articles", tag="articles")
    _add_editing(routes)
    _add_publishing(routes)
    _add_versions(routes)
    add_text_routes(routes)

    @routes.get(f"{_ONE}/link", permission=READ, returns=ArticleLinkOut, problems=(422,))
    def get_article_link(call: Call[DeskTx], article_id: UUID) -> Reply:
        """Get the address at which a customer reads the article, to be put into a reply."""
        article = call.read(queries.require_linkable, article_id)
        tenant_id = call.caller.tenant_id or UUID(int=0)
        return Reply({"url": links.address(tenant_id, article)})

    return routes


def _add_editing(routes: Routes) -> None:
    @routes.get("", permission=READ, listing=queries.ARTICLES, returns=ArticleSummaryOut)
    def list_articles(call: Call[DeskTx], listing: Listing) -> Reply:
        """List articles without their texts; archived ones when they are asked for."""
        return Reply(call.read(queries.list_articles, listing))

    @routes.post(
        "", permission=WRITE, body=ArticleIn, returns=ArticleOut, status=201, problems=(409,)
    )
    def draft_article(call: Call[DeskTx], body: ArticleIn) -> Response:
        """Begin an article; readers see it once it is published."""

        def reply(_tx: DeskTx, article: Article) -> Reply:
            location = f"{routes.prefix}/{article.id}"
            return Reply.created(location, shown(article), article.version)

        first = FirstText(body.language, text_in(body))
        return call.run(
            lambda tx: operations.draft_article(tx, body.key, place_in(body), first), reply
        )

    @routes.get(_ONE, permission=READ, returns=ArticleOut)
    def get_article(call: Call[DeskTx], article_id: UUID) -> Reply:
        """Get an article with the texts that editors work on."""
        article = call.read(queries.get_article, article_id)
        return Reply(article, version=article["version"])

    @routes.patch(
        _ONE, permission=WRITE, body=ArticlePatch, returns=ArticleOut, problems=(404, 409)
    )
    def change_article(call: Call[DeskTx], body: ArticlePatch, article_id: UUID) -> Response:
        """Have an article lie elsewhere or be for others; it holds at once."""

        def change(tx: DeskTx) -> Article:
            return operations.move_article(tx, article_id, lambda place: changed_by(body, place))

        return call.run(change, shown_reply)


def _add_publishing(routes: Routes) -> None:
    @routes.post(f"{_ONE}/publish", permission=PUBLISH, returns=ArticleOut, problems=(409,))
    def publish_article(call: Call[DeskTx], article_id: UUID) -> Response:
        """Have readers see the texts as they are now, under the next number."""
        return call.run(lambda tx: operations.publish_article(tx, article_id), shown_reply)

    @routes.post(f"{_ONE}/archive", permission=PUBLISH, returns=ArticleOut)
    def archive_article(call: Call[DeskTx], article_id: UUID) -> Response:
        """Have readers see an article no more."""
        return call.run(lambda tx: operations.archive_article(tx, article_id), shown_reply)

    @routes.post(f"{_ONE}/reopen", permission=WRITE, returns=ArticleOut)
    def reopen_article(call: Call[DeskTx], article_id: UUID) -> Response:
        """Work on an archived article again."""
        return call.run(lambda tx: operations.reopen_article(tx, article_id), shown_reply)

    @routes.get(
        f"{_ONE}/published", permission=READ, query=PublishedQuery, returns=PublishedArticleOut
    )
    def get_published_article(call: Call[DeskTx], query: PublishedQuery, article_id: UUID) -> Reply:
        """Get an article as readers see it, in the language that comes nearest."""
        return Reply(call.read(queries.get_published, article_id, query.language))


def _add_versions(routes: Routes) -> None:
    @routes.get(_VERSIONS, permission=READ, listing=queries.VERSIONS, returns=ArticleVersionOut)
    def list_article_versions(call: Call[DeskTx], listing: Listing, article_id: UUID) -> Reply:
        """List what was published of an article, the latest first."""
        return Reply(call.read(queries.list_versions, article_id, listing))

    @routes.get(f"{_VERSIONS}/<int:number>", permission=READ, returns=ArticleVersionOut)
    def get_article_version(call: Call[DeskTx], article_id: UUID, number: int) -> Reply:
        """Get texts that were published, by their number."""
        return Reply(call.read(queries.get_version, article_id, _bounded(number)))

    @routes.post(
        f"{_VERSIONS}/<int:number>/restore",
        permission=WRITE,
        returns=ArticleOut,
        problems=(409,),
    )
    def restore_article_version(call: Call[DeskTx], article_id: UUID, number: int) -> Response:
        """Work on texts again that were published before; readers see them once they are published."""
        asked = (article_id, _bounded(number))
        return call.run(lambda tx: operations.restore_version(tx, *asked), shown_reply)


def shown_reply(_tx: DeskTx, article: Article) -> Reply:
    """An article as the answer to what was done to it."""
    return Reply(shown(article), version=article.version)


def _bounded(number: int) -> int:
    """A number that the column can hold: there is none beyond."""
    return min(number, 2**31 - 1)
