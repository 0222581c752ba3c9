"""Which articles may help with a ticket, over REST."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from desk.article_search.models import FoundArticlesOut
from desk.article_suggestions.queries import suggested_articles as suggested
from desk.transaction import DeskTx

READ = "desk.tickets.read"


class SuggestionsQuery(Query):
    """How many articles to suggest."""

    page_size: Annotated[int, Field(ge=1, le=20)] = 5


article_suggestions = Routes("/v1/desk/tickets/<uuid:ticket_id>", tag="articles")


@article_suggestions.get(
    "/suggested-articles", permission=READ, query=SuggestionsQuery, returns=FoundArticlesOut
)
def list_suggested_articles(call: Call[DeskTx], query: SuggestionsQuery, ticket_id: UUID) -> Reply:
    """List the published articles that are likest to what the customer has said, the likest first."""
    return Reply({"items": call.read(suggested, ticket_id, query.page_size)})
