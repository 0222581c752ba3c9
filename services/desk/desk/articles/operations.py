"""What editors do to articles; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from chassis.domain import NotFound
from desk.article_search.indexing import index_article, unindex_article
from desk.article_sections.operations import require_section
from desk.articles.domain import Article, ArticlePlace, ArticleStatus, ArticleText
from desk.transaction import DeskTx


@dataclass(frozen=True, slots=True)
class FirstText:
    """What a new article says at first, in the language of its own."""

    language: str
    text: ArticleText


def draft_article(tx: DeskTx, key: str, place: ArticlePlace, first: FirstText) -> Article:
    """Begin an article. Raises `Invalid`, `Conflict` for a key twice."""
    require_section(tx, place.section_id)
    now = tx.clock.now()
    article = Article(
        id=tx.ids.new(),
        key=key,
        place=place,
        texts={first.language: first.text},
        created_at=now,
        updated_at=now,
    )
    article.draft()
    tx.articles.add(article)
    return article


def move_article(
    tx: DeskTx, article_id: UUID, change: Callable[[ArticlePlace], ArticlePlace]
) -> Article:
    """Have an article lie elsewhere, or be for others, at once. Raises `NotFound`, `Invalid`, `Conflict`."""
    article = tx.articles.get(article_id)
    place = change(article.place)
    require_section(tx, place.section_id)
    if article.move(place, tx.clock.now()) and article.status is ArticleStatus.PUBLISHED:
        _index(tx, article)
    return article


def write_text(tx: DeskTx, article_id: UUID, language: str, text: ArticleText) -> Article:
    """Say something else in a language. Raises `NotFound`, `Invalid`, `Conflict` if archived."""
    article = tx.articles.get(article_id)
    article.write(language, text, tx.clock.now())
    return article


def drop_text(tx: DeskTx, article_id: UUID, language: str) -> Article:
    """Say nothing more in a language. Raises `NotFound`, `Conflict`."""
    article = tx.articles.get(article_id)
    article.drop(language, tx.clock.now())
    return article


def publish_article(tx: DeskTx, article_id: UUID) -> Article:
    """Have readers see the draft. Raises `NotFound`, `Conflict` if archived."""
    article = tx.articles.get(article_id)
    before = article.version
    article.go_public(tx.clock.now())
    if article.version != before:
        _index(tx, article)
    return article


def restore_version(tx: DeskTx, article_id: UUID, number: int) -> Article:
    """Work on texts again that were published before. Raises `NotFound`, `Conflict` if archived."""
    article = tx.articles.get(article_id)
    texts = tx.articles.published_texts(article_id, number)
    if texts is None:
        raise NotFound.of("version", number)
    article.restore(number, texts, tx.clock.now())
    return article


def archive_article(tx: DeskTx, article_id: UUID) -> Article:
    """Have readers see an article no more. Raises `NotFound`."""
    article = tx.articles.get(article_id)
    article.archive(tx.clock.now())
    unindex_article(tx, article_id)
    return article


def reopen_article(tx: DeskTx, article_id: UUID) -> Article:
    """Work on an archived article again. Raises `NotFound`."""
    article = tx.articles.get(article_id)
    article.reopen(tx.clock.now())
    return article


def _index(tx: DeskTx, article: Article) -> None:
    """Have what readers see be found, which may be older than the draft."""
    texts = tx.articles.published_texts(article.id, article.published_version)
    index_article(tx, article, texts or {})
