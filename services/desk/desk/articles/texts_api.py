"""What an article says in each language, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.domain import Invalid
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from desk.articles import operations
from desk.articles.domain import Article
from desk.articles.models import ArticleOut, ArticleTextIn, is_language, shown, text_in
from desk.transaction import DeskTx

WRITE = "desk.articles.write"
_TEXT = "/<uuid:article_id>/texts/<language>"


def add_text_routes(routes: Routes) -> None:
    """Add the routes of texts to those of articles."""

    @routes.put(
        _TEXT, permission=WRITE, body=ArticleTextIn, returns=ArticleOut, problems=(404, 409)
    )
    def write_article_text(
        call: Call[DeskTx], body: ArticleTextIn, article_id: UUID, language: str
    ) -> Response:
        """Write what an article says in a language; readers see it once it is published."""
        tag = _language(language)
        return call.run(
            lambda tx: operations.write_text(tx, article_id, tag, text_in(body)), _shown
        )

    @routes.delete(
        _TEXT, permission=WRITE, returns=ArticleOut, status=200, problems=(404, 409, 422)
    )
    def drop_article_text(call: Call[DeskTx], article_id: UUID, language: str) -> Response:
        """Have an article say nothing more in a language, but its own."""
        tag = _language(language)
        return call.run(lambda tx: operations.drop_text(tx, article_id, tag), _shown)


def _language(text: str) -> str:
    if not is_language(text):
        raise Invalid.at("language", "language_invalid", "This has to be a tag such as zh-Hant.")
    return text


def _shown(_tx: DeskTx, article: Article) -> Reply:
    return Reply(shown(article), version=article.version)
