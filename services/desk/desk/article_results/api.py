"""What articles have brought, over REST."""

from __future__ import annotations

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from desk.article_results.models import ArticleResultsOut, ArticleResultsQuery
from desk.article_results.queries import article_results as results
from desk.transaction import DeskTx

READ = "desk.articles.read"

article_results = Routes("/v1/desk/article-results", tag="articles")


@article_results.get("", permission=READ, query=ArticleResultsQuery, returns=ArticleResultsOut)
def get_article_results(call: Call[DeskTx], query: ArticleResultsQuery) -> Reply:
    """Get how often articles were read, what readers say of them, and how many tickets they solved."""
    asked = (query.first, query.last, query.article_id, query.page_size)
    return Reply(call.read(results, *asked))
