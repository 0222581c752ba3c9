"""What to search for, and what is found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from chassis.http.query_string import MAX_SEARCH, Query
from desk.article_search.queries import MOST
from desk.articles.domain import Visibility

_USUAL = 10


class ArticleSearchQuery(Query):
    """What to search for. `language` is one that texts are in, kinds of it included."""

    q: Annotated[str, Field(min_length=1, max_length=MAX_SEARCH)]
    visibility: Annotated[
        Visibility | None, Field(description="Only articles that these may read.")
    ] = None
    language: Annotated[
        str, Field(max_length=35, pattern="^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")
    ] = ""
    section_id: UUID | None = None
    page_size: Annotated[int, Field(ge=1, le=MOST)] = _USUAL

    @field_validator("q")
    @classmethod
    def _not_blank(cls, typed: str) -> str:
        if not typed.strip():
            raise ValueError("needs more than blanks")
        return typed


class FoundArticleOut(BaseModel):
    """An article that fits, in the language in which it does best; a higher score fits better."""

    article_id: UUID
    language: str
    key: str
    section_id: UUID | None
    visibility: Visibility
    title: str
    summary: str
    published_at: datetime
    score: float


class FoundArticlesOut(BaseModel):
    """The articles that fit best."""

    items: list[FoundArticleOut]
