"""Articles as the REST face takes and shows them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.query_string import Query
from desk.article_sections.models import Slug
from desk.articles.domain import Article, ArticlePlace, ArticleStatus, ArticleText, Visibility
from desk.articles.storage import texts_out
from desk.names import Language

Tag = Annotated[str, Field(min_length=1, max_length=50)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=50)]
Sku = Annotated[str, Field(min_length=1, max_length=100)]
Skus = Annotated[tuple[Sku, ...], Field(max_length=200)]
Title = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Summary = Annotated[str, Field(max_length=1_000)]
Markdown = Annotated[str, Field(max_length=50_000)]
_LANGUAGE = re.compile("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST_LANGUAGE = 35


class PublishedQuery(Query):
    """Which language to read in; the article's own comes in place of one that it is not in."""

    language: Annotated[str, Field(max_length=35)] = ""


class ArticleTextIn(Body):
    """What an article says in one language; `body` is Markdown, in which HTML is no more than text."""

    title: Title
    summary: Summary = ""
    body: Markdown = ""


class ArticleIn(Body):
    """An article, with what it says in `language`: the one that readers of others fall back on."""

    key: Slug
    language: Language
    title: Title
    summary: Summary = ""
    body: Markdown = ""
    section_id: UUID | None = None
    visibility: Visibility = Visibility.INTERNAL
    tags: Tags = ()
    product_skus: Skus = ()


class ArticlePatch(Patch):
    """Where an article lies, for whom it is and what it is about; it holds at once."""

    section_id: UUID | None = None
    visibility: Visibility = Visibility.INTERNAL
    tags: Tags = ()
    product_skus: Skus = ()
    default_language: Language = ""


class ArticleTextOut(BaseModel):
    """What an article says in one language."""

    title: str
    summary: str
    body: str


class ArticleSummaryOut(BaseModel):
    """An article without its texts; `title` is that of its own language."""

    id: UUID
    version: int
    key: str
    section_id: UUID | None
    visibility: Visibility
    status: ArticleStatus
    default_language: str
    title: str
    languages: list[str]
    tags: list[str]
    product_skus: list[str]
    published_version: int
    has_changes: bool
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ArticleOut(ArticleSummaryOut):
    """An article with the texts that editors work on, by language."""

    texts: dict[str, ArticleTextOut]


class PublishedArticleOut(BaseModel):
    """What readers see: in the language that was asked for, else in that of the article's own."""

    id: UUID
    key: str
    published_version: int
    published_at: datetime
    visibility: Visibility
    section_id: UUID | None
    language: str
    languages: list[str]
    title: str
    summary: str
    html: str
    tags: list[str]
    product_skus: list[str]


class ArticleVersionOut(BaseModel):
    """Texts that were published; `texts` when one of them is asked for."""

    number: int
    languages: list[str]
    default_language: str
    published_by: str
    published_at: datetime
    texts: dict[str, ArticleTextOut] | None = None


class ArticleLinkOut(BaseModel):
    """The address at which a customer reads an article."""

    url: str


def is_language(text: str) -> bool:
    """Whether a text is the tag of a language."""
    return len(text) <= _LONGEST_LANGUAGE and _LANGUAGE.fullmatch(text) is not None


def place_in(body: ArticleIn) -> ArticlePlace:
    """Where an article lies by what a body says."""
    return ArticlePlace(
        section_id=body.section_id,
        visibility=body.visibility,
        tags=_each_once(body.tags),
        product_skus=_each_once(body.product_skus),
        default_language=body.language,
    )


def text_in(body: ArticleIn | ArticleTextIn) -> ArticleText:
    """What a body says in one language."""
    return ArticleText(body.title.strip(), body.summary, body.body)


def changed_by(body: ArticlePatch, place: ArticlePlace) -> ArticlePlace:
    """The place with what a patch mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    for name in {"tags", "product_skus"} & changes.keys():
        changes[name] = _each_once(changes[name])
    return replace(place, **changes)


def shown(article: Article) -> dict[str, Any]:
    """An article as the API shows one."""
    place = article.place
    own = (
        *("id", "version", "key", "status", "published_version", "has_changes"),
        *("published_at", "created_at", "updated_at"),
    )
    return {
        **{name: getattr(article, name) for name in own},
        "section_id": place.section_id,
        "visibility": place.visibility,
        "default_language": place.default_language,
        "title": article.texts[place.default_language].title,
        "languages": sorted(article.texts),
        "tags": list(place.tags),
        "product_skus": list(place.product_skus),
        "texts": texts_out(article.texts),
    }


def _each_once(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(labels)))
