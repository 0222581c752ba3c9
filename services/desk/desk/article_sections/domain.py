"""Sections of the knowledge base: what articles are found by when nobody searches (DE-7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Fact

DEEPEST = 5
"""So many sections may lie within each other."""


@dataclass(frozen=True, slots=True)
class SectionDefined(Fact):
    """The knowledge base has another section."""

    section: Section


@dataclass(frozen=True, slots=True)
class SectionChanged(Fact):
    """A section is called otherwise, or lies elsewhere."""

    section: Section


@dataclass(frozen=True, slots=True)
class SectionRemoved(Fact):
    """A section is there no more."""

    section: Section


@dataclass(frozen=True, slots=True)
class SectionTerms:
    """What a section is called, by language, where it lies, and which place it has there."""

    name: Mapping[str, str]
    parent_id: UUID | None = None
    position: int = 0


@dataclass(kw_only=True)
class Section(Aggregate):
    """A part of the knowledge base; `key` is what its address ends with, for good."""

    key: str
    terms: SectionTerms
    created_at: datetime
    updated_at: datetime

    def define(self) -> None:
        """Be there from now on."""
        self.record(SectionDefined(self))

    def change(self, terms: SectionTerms, now: datetime) -> None:
        """Be called otherwise, or lie elsewhere."""
        if terms != self.terms:
            self.terms, self.updated_at = terms, now
            self.record(SectionChanged(self))

    def remove(self) -> None:
        """Be there no more."""
        self.record(SectionRemoved(self))
