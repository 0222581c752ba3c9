"""Facts about articles to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.articles import domain
from desk.encoding import id_or_none, moment_or_none
from rapport.desk.events.v1 import article_events_pb2 as events
from rapport.desk.v1.article_pb2 import ArticleHeader


def _drafted(fact: domain.ArticleDrafted) -> events.ArticleDrafted:
    return events.ArticleDrafted(article=_header(fact.article))


def _changed(fact: domain.ArticleChanged) -> events.ArticleChanged:
    return events.ArticleChanged(
        article=_header(fact.article), changed_fields=sorted(fact.changed_fields)
    )


def _published(fact: domain.ArticlePublished) -> events.ArticlePublished:
    return events.ArticlePublished(
        article=_header(fact.article),
        languages=fact.languages,
        published_at=moment_or_none(fact.article.published_at),
    )


def _restored(fact: domain.ArticleVersionRestored) -> events.ArticleVersionRestored:
    return events.ArticleVersionRestored(article=_header(fact.article), restored=fact.restored)


def _archived(fact: domain.ArticleArchived) -> events.ArticleArchived:
    return events.ArticleArchived(article=_header(fact.article))


def _reopened(fact: domain.ArticleReopened) -> events.ArticleReopened:
    return events.ArticleReopened(article=_header(fact.article))


def _header(article: domain.Article) -> ArticleHeader:
    place = article.place
    return ArticleHeader(
        article_id=str(article.id),
        key=article.key,
        section_id=id_or_none(place.section_id),
        status=article.status,
        visibility=place.visibility,
        published_version=article.published_version,
        tags=place.tags,
        product_skus=place.product_skus,
    )


ARTICLE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.ArticleDrafted: _drafted,
    domain.ArticleChanged: _changed,
    domain.ArticlePublished: _published,
    domain.ArticleVersionRestored: _restored,
    domain.ArticleArchived: _archived,
    domain.ArticleReopened: _reopened,
}
