"""Sections as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from desk.article_sections.domain import Section, SectionTerms
from desk.names import Label

Slug = Annotated[str, Field(min_length=1, max_length=80, pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
"""What an address ends with, such as `clean-the-brewing-unit`."""
Position = Annotated[int, Field(ge=0, le=1_000_000)]


class ArticleSectionIn(Body):
    """A section of the knowledge base; those in one place are in order of `position`."""

    key: Slug
    name: Label
    parent_id: UUID | None = None
    position: Position = 0


class ArticleSectionPatch(Patch):
    """What a section is called and where it lies from now on."""

    name: Label = {}  # noqa: RUF012 - never used: what is not mentioned stays
    parent_id: UUID | None = None
    position: Position = 0


class ArticleSectionOut(BaseModel):
    """A section of the knowledge base."""

    id: UUID
    version: int
    key: str
    name: dict[str, str]
    parent_id: UUID | None
    position: int
    created_at: datetime
    updated_at: datetime


def terms_in(body: ArticleSectionIn) -> SectionTerms:
    """What a body describes."""
    return SectionTerms(dict(body.name), body.parent_id, body.position)


def changed_by(body: ArticleSectionPatch, terms: SectionTerms) -> SectionTerms:
    """The terms with what a patch mentions."""
    return replace(terms, **{name: getattr(body, name) for name in body.model_fields_set})


def shown(section: Section) -> dict[str, Any]:
    """A section as the API shows one."""
    own = ("id", "version", "key", "created_at", "updated_at")
    terms = section.terms
    return {
        **{name: getattr(section, name) for name in own},
        "name": dict(terms.name),
        "parent_id": terms.parent_id,
        "position": terms.position,
    }
