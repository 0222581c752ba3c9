"""Writes what published articles are found by, in the transaction that publishes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork
from desk.article_search.analysis import weighted
from desk.articles.domain import Article, ArticleText

TITLE, LABEL, SUMMARY, BODY = 5, 4, 2, 1
"""What a word is worth: in the title, as a tag or product, in the summary, in the body."""
_MOST_TIMES: Final = 30_000


def index_article(tx: UnitOfWork, article: Article, texts: Mapping[str, ArticleText]) -> None:
    """Have what readers see of an article be found, and nothing else of it."""
    unindex_article(tx, article.id)
    for language, text in texts.items():
        _index_text(tx, article, language, text)


def unindex_article(tx: UnitOfWork, article_id: UUID) -> None:
    """Have an article not be found."""
    about = {"tenant_id": tx.tenant_id, "article_id": article_id}
    tx.write(_NO_TERMS, about)
    tx.write(_NO_READINGS, about)


def _index_text(tx: UnitOfWork, article: Article, language: str, text: ArticleText) -> None:
    place = article.place
    labels = "\n".join([*place.tags, *place.product_skus])
    terms, length = weighted(
        [(text.title, TITLE), (labels, LABEL), (text.summary, SUMMARY), (text.body, BODY)]
    )
    about: dict[str, Any] = {
        "tenant_id": tx.tenant_id,
        "article_id": article.id,
        "language": language,
    }
    reading = {
        **about,
        "key": article.key,
        "is_default": language == place.default_language,
        "section_id": place.section_id,
        "visibility": place.visibility,
        "title": text.title,
        "summary": text.summary,
        "length": length,
        "published_at": article.published_at,
    }
    tx.write(_ADD_READING, reading)
    pairs = [[term, min(times, _MOST_TIMES)] for term, times in sorted(terms.items())]
    tx.write(
        _ADD_TERMS,
        {**about, "visibility": place.visibility, "length": length, "pairs": json_text(pairs)},
    )


_OF_ARTICLE = "WHERE tenant_id = %(tenant_id)s AND article_id = %(article_id)s"
_NO_TERMS = Statement(f"DELETE FROM article_terms {_OF_ARTICLE}")  # noqa: S608 - our own words
_NO_READINGS = Statement(f"DELETE FROM article_readings {_OF_ARTICLE}")  # noqa: S608
_ADD_READING = Statement(
    "INSERT INTO article_readings (tenant_id, article_id, language, key, is_default, section_id,"
    " visibility, title, summary, length, published_at) VALUES (%(tenant_id)s, %(article_id)s,"
    " %(language)s, %(key)s, %(is_default)s, %(section_id)s, %(visibility)s, %(title)s, %(summary)s,"
    " %(length)s, %(published_at)s)"
)
# As JSON, which costs the driver less than arrays.
_ADD_TERMS = Statement(
    "INSERT INTO article_terms (tenant_id, term, article_id, language, visibility, times, length)"
    " SELECT %(tenant_id)s, pair ->> 0, %(article_id)s, %(language)s, %(visibility)s,"
    " (pair ->> 1)::integer, %(length)s FROM json_array_elements(%(pairs)s::json) AS pair"
)
