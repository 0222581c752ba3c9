"""What is asked of the results of articles, and the answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.query_string import Query
from desk.articles.domain import ArticleStatus
from desk.entitlements.domain import FIRST_DAY, LAST_DAY

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]


class ArticleResultsQuery(Query):
    """Of which days, both included, and of which article if of one."""

    first: Day
    last: Day
    article_id: UUID | None = None
    page_size: Annotated[int, Field(ge=1, le=200)] = 50


class ArticleResultOut(BaseModel):
    """What an article has brought; `views` are those of readers of the public pages."""

    article_id: UUID
    key: str
    title: str
    status: ArticleStatus
    views: int
    helpful: int
    unhelpful: int
    solved_tickets: int


class ArticleResultsOut(BaseModel):
    """What articles have brought, those that solved most tickets first."""

    first: date
    last: date
    items: list[ArticleResultOut]
