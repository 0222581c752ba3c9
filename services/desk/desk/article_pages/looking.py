"""What the contents of the public knowledge base show: articles by section, or those that were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.http.words import match, said_in
from chassis.storage.unit_of_work import Reading
from desk.article_search.queries import readings, search
from desk.article_sections.queries import all_sections
from desk.articles.domain import Visibility

_FOUND = 30
_PUBLIC = (Visibility.PUBLIC.value,)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article that can be read: the text that comes nearest to the reader's language."""

    key: str
    language: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """The articles of one section; those of none come last, under no name. `depth` is 0 at the top."""

    name: str
    depth: int
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Contents:
    """What is there, by chapters; or what was found."""

    chapters: Sequence[Chapter]
    found: Sequence[Entry] | None = None


def contents(reading: Reading, language: str, query: str) -> Contents:
    """What a reader of a language can read; with `query`, what of it fits."""
    if query:
        return Contents((), [_entry(row) for row in search(reading, query, _PUBLIC, most=_FOUND)])
    by_section: dict[UUID | None, list[Entry]] = {}
    for texts in _by_article(readings(reading, _PUBLIC)).values():
        languages = [text["language"] for text in texts]
        chosen = match(language, languages)
        best = next(
            text
            for text in texts
            if text["language"] == chosen or (not chosen and text["is_default"])
        )
        by_section.setdefault(best["section_id"], []).append(_entry(best))
    chapters = _chapters(all_sections(reading), by_section, language)
    loose = by_section.get(None, [])
    return Contents([*chapters, *([Chapter("", 0, loose)] if loose else [])])


def _by_article(rows: Sequence[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    grouped: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["article_id"], []).append(row)
    # Of an article at the cut the text of its own language may be missing.
    return {
        key: texts for key, texts in grouped.items() if any(text["is_default"] for text in texts)
    }


def _chapters(
    sections: Sequence[dict[str, Any]], by_section: dict[UUID | None, list[Entry]], language: str
) -> list[Chapter]:
    """Sections in the order of a table of contents, without those that have nothing in or below them."""
    below: dict[UUID | None, list[dict[str, Any]]] = {}
    for section in sections:
        below.setdefault(section["parent_id"], []).append(section)

    def gathered(parent: UUID | None, depth: int) -> list[Chapter]:
        chapters: list[Chapter] = []
        for section in below.get(parent, []):
            entries, deeper = by_section.get(section["id"], []), gathered(section["id"], depth + 1)
            if entries or deeper:
                chapters += [Chapter(said_in(language, section["name"]), depth, entries), *deeper]
        return chapters

    return gathered(None, 0)


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(row["key"], row["language"], row["title"], row["summary"])
