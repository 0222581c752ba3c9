"""How articles are kept: a row each with the draft, one for each time it was published, and labels.

Labels are what lists filter by: tags and products stand in rows of their own, since no index serves a
search within JSON under row-level security.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.articles.domain import Article, ArticlePlace, ArticleStatus, ArticleText, Visibility

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")
ARTICLE_KEY = "articles_key_unique"

articles = sa.Table(
    "articles",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("section_id", _uuid),
    sa.Column("visibility", _word, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("default_language", _word, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("languages", sa.JSON, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("product_skus", sa.JSON, nullable=False),
    sa.Column("texts", sa.JSON, nullable=False),
    sa.Column("published_version", sa.Integer, nullable=False),
    sa.Column("has_changes", sa.Boolean, nullable=False),
    sa.Column("published_at", _time),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
article_versions = sa.Table(
    "article_versions",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("article_id", _uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("default_language", _word, nullable=False),
    sa.Column("languages", sa.JSON, nullable=False),
    sa.Column("texts", sa.JSON, nullable=False),
    sa.Column("published_by", _word, nullable=False),
    sa.Column("published_at", _time, nullable=False),
)
article_labels = sa.Table(
    "article_labels",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("kind", _word, primary_key=True),
    sa.Column("label", _word, primary_key=True),
    sa.Column("article_id", _uuid, primary_key=True),
)
_OWN = (
    "key",
    "published_version",
    "has_changes",
    "published_at",
    "created_at",
    "updated_at",
)


class ArticlesRepository(Repository[Article]):
    """Articles for a change, and the texts that were published."""

    table = articles
    kind = "article"

    def published_texts(self, article_id: UUID, number: int) -> Mapping[str, ArticleText] | None:
        """The texts that were published under a number; None for a number that there is not."""
        self._tx.flush()
        about = {"tenant_id": self._tx.tenant_id, "article_id": article_id, "number": number}
        row = self._tx.fetch_one(_VERSION, about)
        return None if row is None else texts_of(row["texts"])

    def _stored(self, aggregate: Article, *, new: bool) -> None:
        about = {"tenant_id": self._tx.tenant_id, "article_id": aggregate.id}
        if not new:
            self._tx.write(_NO_LABELS, about)
        place = aggregate.place
        labels = [("tag", tag) for tag in place.tags] + [("sku", s) for s in place.product_skus]
        for kind, label in labels:
            self._tx.write(_LABEL, {**about, "kind": kind, "label": label})
        if aggregate.published_now:
            aggregate.published_now = False
            version = {
                **about,
                "number": aggregate.published_version,
                "default_language": place.default_language,
                "languages": json_text(sorted(aggregate.texts)),
                "texts": json_text(texts_out(aggregate.texts)),
                "published_by": self._tx.caller.actor,
                "published_at": aggregate.published_at,
            }
            self._tx.write(_KEEP_VERSION, version)

    def _aggregate(self, row: sa.RowMapping) -> Article:
        return article_of(row)

    def _row(self, aggregate: Article) -> dict[str, Any]:
        place = aggregate.place
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            "section_id": place.section_id,
            "visibility": place.visibility,
            "status": aggregate.status,
            "default_language": place.default_language,
            "title": aggregate.texts[place.default_language].title,
            "languages": sorted(aggregate.texts),
            "tags": list(place.tags),
            "product_skus": list(place.product_skus),
            "texts": texts_out(aggregate.texts),
        }


def article_of(row: Mapping[str, Any] | sa.RowMapping) -> Article:
    """The article that a row of the table stands for."""
    return Article(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _OWN},
        place=ArticlePlace(
            section_id=row["section_id"],
            visibility=Visibility(row["visibility"]),
            tags=tuple(row["tags"]),
            product_skus=tuple(row["product_skus"]),
            default_language=row["default_language"],
        ),
        texts=texts_of(row["texts"]),
        status=ArticleStatus(row["status"]),
    )


def texts_of(document: Mapping[str, Any]) -> Mapping[str, ArticleText]:
    """Texts by language, as they are kept."""
    return {language: ArticleText(**text) for language, text in document.items()}


def texts_out(texts: Mapping[str, ArticleText]) -> dict[str, Any]:
    """Texts by language, to be kept or shown."""
    return {
        language: {"title": text.title, "summary": text.summary, "body": text.body}
        for language, text in sorted(texts.items())
    }


def is_there(reading: Reading | UnitOfWork, article_id: UUID) -> bool:
    """Whether there is such an article, be it published, archived or neither."""
    about = {"tenant_id": reading.caller.tenant_id, "id": article_id}
    return reading.fetch_one(_THERE, about) is not None


_THERE = Statement(
    "SELECT 1 AS found FROM articles WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_VERSION = Statement(
    "SELECT texts FROM article_versions WHERE tenant_id = %(tenant_id)s"
    " AND article_id = %(article_id)s AND number = %(number)s"
)
_NO_LABELS = Statement(
    "DELETE FROM article_labels WHERE tenant_id = %(tenant_id)s AND article_id = %(article_id)s"
)
_LABEL = Statement(
    "INSERT INTO article_labels (tenant_id, kind, label, article_id)"
    " VALUES (%(tenant_id)s, %(kind)s, %(label)s, %(article_id)s)"
)
_KEEP_VERSION = Statement(
    "INSERT INTO article_versions (tenant_id, article_id, number, default_language, languages, texts,"
    " published_by, published_at) VALUES (%(tenant_id)s, %(article_id)s, %(number)s,"
    " %(default_language)s, %(languages)s, %(texts)s, %(published_by)s, %(published_at)s)"
)
