"""Search over published articles, over REST."""

from __future__ import annotations

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from desk.article_search.models import ArticleSearchQuery, FoundArticlesOut
from desk.article_search.queries import search
from desk.articles.domain import Visibility
from desk.transaction import DeskTx

READ = "desk.articles.read"

article_search = Routes("/v1/desk/article-search", tag="articles")


@article_search.get("", permission=READ, query=ArticleSearchQuery, returns=FoundArticlesOut)
def search_articles(call: Call[DeskTx], query: ArticleSearchQuery) -> Reply:
    """Find published articles by words in Chinese, English and other languages, the best first."""
    only = list(Visibility) if query.visibility is None else [query.visibility]
    items = call.read(
        search,
        query.q,
        [each.value for each in only],
        language=query.language,
        section_id=query.section_id,
        most=query.page_size,
    )
    return Reply({"items": items})
