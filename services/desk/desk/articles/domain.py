"""Articles of the knowledge base: what editors write, and what readers see of it (DE-7).

Editors work on a draft in any number of languages. What is published are the texts of all languages
at once, under a number, and they stay what they are: to publish again makes the next number. Where an
article lies, who may read it and what it is marked with is no part of that, and holds at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, NotFound

MOST_LANGUAGES = 20
MOST_CHARACTERS = 500_000
"""Of all texts of an article together."""


class ArticleStatus(StrEnum):
    """Whether readers see an article."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Visibility(StrEnum):
    """Who may read an article: everybody, customers by a link of ours, or users and apps only."""

    PUBLIC = "public"
    CUSTOMERS = "customers"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class ArticleText:
    """What an article says in one language; the body is Markdown."""

    title: str
    summary: str
    body: str

    @property
    def length(self) -> int:
        """How many characters it has."""
        return len(self.title) + len(self.summary) + len(self.body)


@dataclass(frozen=True, slots=True)
class ArticlePlace:
    """Where an article lies, for whom it is, and what it is about."""

    section_id: UUID | None = None
    visibility: Visibility = Visibility.INTERNAL
    tags: tuple[str, ...] = ()
    product_skus: tuple[str, ...] = ()
    default_language: str = "en"


@dataclass(frozen=True, slots=True)
class ArticleDrafted(Fact):
    """Somebody has begun an article."""

    article: Article


@dataclass(frozen=True, slots=True)
class ArticleChanged(Fact):
    """Something about an article is different."""

    article: Article
    changed_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticlePublished(Fact):
    """Readers see the texts of an article as they are now."""

    article: Article
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticleVersionRestored(Fact):
    """Texts of before are worked on again."""

    article: Article
    restored: int


@dataclass(frozen=True, slots=True)
class ArticleArchived(Fact):
    """Readers see an article no more."""

    article: Article


@dataclass(frozen=True, slots=True)
class ArticleReopened(Fact):
    """An article that was put away is worked on again."""

    article: Article


@dataclass(kw_only=True)
class Article(Aggregate):
    """An article; `texts` are the draft by language, `published_version` numbers what readers see.

    `has_changes` says whether the draft differs from what was published last.
    """

    key: str
    place: ArticlePlace
    texts: Mapping[str, ArticleText]
    created_at: datetime
    updated_at: datetime
    status: ArticleStatus = ArticleStatus.DRAFT
    published_version: int = 0
    published_at: datetime | None = None
    has_changes: bool = True
    published_now: bool = field(default=False, compare=False)
    """Whether this unit of work has published it: then its texts are to be kept."""

    def draft(self) -> None:
        """Begin. Raises `Invalid` for too much text."""
        self._require_texts()
        self.record(ArticleDrafted(self))

    def move(self, place: ArticlePlace, now: datetime) -> bool:
        """Lie elsewhere, or be for others; whether anything differs. Raises `Invalid`, `Conflict`."""
        self._require_in_use()
        changed = _differing(self.place, place)
        if changed:
            self.place, self.updated_at = place, now
            self._require_texts()
            self.record(ArticleChanged(self, changed))
        return bool(changed)

    def write(self, language: str, text: ArticleText, now: datetime) -> None:
        """Say something else in a language. Raises `Conflict` if archived, `Invalid` for too much."""
        self._require_in_use()
        if self.texts.get(language) != text:
            self._draft_is({**self.texts, language: text}, now)

    def drop(self, language: str, now: datetime) -> None:
        """Say nothing more in a language. Raises `NotFound`, `Conflict` for the one of its own."""
        self._require_in_use()
        if language not in self.texts:
            raise NotFound.of("text in", language)
        if language == self.place.default_language:
            message = "Readers of other languages fall back on this text."
            raise Conflict(message, code="article_language_needed")
        left = {each: text for each, text in self.texts.items() if each != language}
        self._draft_is(left, now)

    def go_public(self, now: datetime) -> None:
        """Have readers see the draft. Raises `Conflict` if archived; a second time is no error."""
        self._require_in_use()
        if self.status is ArticleStatus.PUBLISHED and not self.has_changes:
            return
        if self.has_changes:
            self.published_version += 1
            self.published_now = True
        self.status, self.has_changes = ArticleStatus.PUBLISHED, False
        self.published_at = self.updated_at = now
        self.record(ArticlePublished(self, tuple(sorted(self.texts))))

    def restore(self, number: int, texts: Mapping[str, ArticleText], now: datetime) -> None:
        """Work on texts of before again; readers see them once they are published."""
        self._require_in_use()
        if texts == self.texts:
            return
        self.texts, self.updated_at = dict(texts), now
        # The language of its own may have been another one then.
        if self.place.default_language not in self.texts:
            self.place = replace(self.place, default_language=min(self.texts))
        self.has_changes = number != self.published_version
        self.record(ArticleVersionRestored(self, number))

    def archive(self, now: datetime) -> None:
        """Be seen no more; a second time is no error."""
        if self.status is not ArticleStatus.ARCHIVED:
            self.status, self.updated_at = ArticleStatus.ARCHIVED, now
            self.record(ArticleArchived(self))

    def reopen(self, now: datetime) -> None:
        """Be worked on again; a second time is no error."""
        if self.status is ArticleStatus.ARCHIVED:
            self.status, self.updated_at = ArticleStatus.DRAFT, now
            self.record(ArticleReopened(self))

    def _draft_is(self, texts: Mapping[str, ArticleText], now: datetime) -> None:
        self.texts, self.updated_at, self.has_changes = texts, now, True
        self._require_texts()
        self.record(ArticleChanged(self, ("texts",)))

    def _require_in_use(self) -> None:
        if self.status is ArticleStatus.ARCHIVED:
            raise Conflict("The article is archived: reopen it first.", code="article_archived")

    def _require_texts(self) -> None:
        if self.place.default_language not in self.texts:
            message = "The article says nothing in this language yet."
            raise Invalid.at("/default_language", "text_missing", message)
        if len(self.texts) > MOST_LANGUAGES:
            message = f"An article has texts in at most {MOST_LANGUAGES} languages."
            raise Invalid.at("/language", "languages_too_many", message)
        if sum(text.length for text in self.texts.values()) > MOST_CHARACTERS:
            message = f"All texts of an article have at most {MOST_CHARACTERS} characters."
            raise Invalid.at("/body", "article_too_long", message)


def _differing(before: ArticlePlace, after: ArticlePlace) -> tuple[str, ...]:
    names = ("default_language", "product_skus", "section_id", "tags", "visibility")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))
