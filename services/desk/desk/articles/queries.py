"""Reads articles: as editors work on them, and as readers see them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Invalid, NotFound
from chassis.http.words import match
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    Operator,
    choice_filter,
    read_text,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.articles.domain import Article, ArticleStatus, ArticleText, Visibility
from desk.articles.models import ArticleSummaryOut, shown
from desk.articles.rendering import html_of
from desk.articles.storage import (
    article_labels,
    article_of,
    article_versions,
    articles,
    texts_of,
    texts_out,
)

_columns = articles.c
_versions = article_versions.c
_summary = sa.select(*(_columns[name] for name in ArticleSummaryOut.model_fields))


def _label_filter(kind: str) -> FilterField:
    """A filter by what articles are marked with."""
    labels = article_labels.c

    def condition(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
        wanted = labels.label.in_(value) if operator == "in" else labels.label == value
        found = sa.select(labels.article_id).where(
            labels.tenant_id == _columns.tenant_id, labels.kind == kind, wanted
        )
        return _columns.id.in_(found)

    return FilterField(read_text, condition, ("eq", "in"), {"type": "string"})


ARTICLES = ListSpec(
    key=_columns.id,
    sorts={
        "key": _columns.key,
        "title": _columns.title,
        "created_at": _columns.created_at,
        "updated_at": _columns.updated_at,
    },
    default_sort="-updated_at",
    filters={
        "key": text_filter(_columns.key),
        "section_id": uuid_filter(_columns.section_id),
        "visibility": choice_filter(_columns.visibility, *Visibility),
        "status": choice_filter(_columns.status, *ArticleStatus),
        "updated_at": time_filter(_columns.updated_at),
        "tag": _label_filter("tag"),
        "product_sku": _label_filter("sku"),
    },
)
VERSIONS = ListSpec(
    key=_versions.number,
    sorts={"published_at": _versions.published_at},
    default_sort="-published_at",
)


def list_articles(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of articles, archived ones only when they are asked for."""
    mine = _summary.where(_columns.tenant_id == reading.caller.tenant_id)
    if "status" not in listing.given:
        mine = mine.where(_columns.status != ArticleStatus.ARCHIVED.value)
    return listing.fetch(reading.connection, mine)


def get_article(reading: Reading, article_id: UUID) -> dict[str, Any]:
    """An article as editors work on it. Raises `NotFound`."""
    return shown(find_article(reading, article_id))


def find_article(reading: Reading | UnitOfWork, article_id: UUID) -> Article:
    """An article. Raises `NotFound`."""
    statement = sa.select(articles).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == article_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("article", article_id)
    return article_of(row)


def find_by_key(reading: Reading, key: str) -> UUID:
    """The id of the article with a key. Raises `NotFound`."""
    statement = sa.select(_columns.id).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.key == key
    )
    found = reading.connection.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound.of("article", key)
    return UUID(str(found))


def get_published(reading: Reading, article_id: UUID, language: str) -> dict[str, Any]:
    """An article as readers see it, in the language that comes nearest. Raises `NotFound`."""
    article = find_article(reading, article_id)
    if article.status is not ArticleStatus.PUBLISHED:
        raise NotFound("Nothing of the article is published.")
    version = _version(reading, article_id, article.published_version)
    chosen, text = chosen_text(texts_of(version["texts"]), language, version["default_language"])
    return {
        "id": article.id,
        "key": article.key,
        "published_version": article.published_version,
        "published_at": version["published_at"],
        "visibility": article.place.visibility,
        "section_id": article.place.section_id,
        "language": chosen,
        "languages": version["languages"],
        "title": text.title,
        "summary": text.summary,
        "html": html_of(text.body),
        "tags": list(article.place.tags),
        "product_skus": list(article.place.product_skus),
    }


def chosen_text(
    texts: dict[str, ArticleText] | Any, language: str, default_language: str
) -> tuple[str, ArticleText]:
    """The text in a language, else in one of its kin, else in the article's own."""
    chosen = match(language, texts) or default_language
    return chosen, texts[chosen]


def list_versions(reading: Reading, article_id: UUID, listing: Listing) -> dict[str, Any]:
    """A page of what was published of an article. Raises `NotFound`."""
    find_article(reading, article_id)
    shown_columns = (column for column in _versions if column.name not in ("tenant_id", "texts"))
    mine = sa.select(*shown_columns).where(
        _versions.tenant_id == reading.caller.tenant_id, _versions.article_id == article_id
    )
    return listing.fetch(reading.connection, mine)


def get_version(reading: Reading, article_id: UUID, number: int) -> dict[str, Any]:
    """What was published of an article under a number. Raises `NotFound`."""
    version = _version(reading, article_id, number)
    return {**version, "texts": texts_out(texts_of(version["texts"]))}


def require_linkable(reading: Reading, article_id: UUID) -> Article:
    """An article that a customer may be led to. Raises `NotFound`, `Invalid` for an internal one."""
    article = find_article(reading, article_id)
    if article.status is not ArticleStatus.PUBLISHED:
        raise NotFound("Nothing of the article is published.")
    if article.place.visibility is Visibility.INTERNAL:
        message = "Customers do not read internal articles."
        raise Invalid(message, code="article_internal")
    return article


def _version(reading: Reading, article_id: UUID, number: int) -> dict[str, Any]:
    statement = sa.select(*(column for column in _versions if column.name != "tenant_id")).where(
        _versions.tenant_id == reading.caller.tenant_id,
        _versions.article_id == article_id,
        _versions.number == number,
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("version", number)
    return dict(row._mapping)
