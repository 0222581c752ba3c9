"""What a merge of two people is, and when it can be undone (CO-8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Unpublished
from contacts.people.domain import Person

Key: TypeAlias = tuple[str, ...]
"""What tells one entry of a list from the others: an address, a number, a system and an id."""


class Side(StrEnum):
    """Which of two people a field is taken from."""

    SURVIVOR = "survivor"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Change:
    """What a merge has made of one field of the survivor; values as JSON has them."""

    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Changes:
    """What the survivor has from the other: single fields, and entries of lists by their keys."""

    fields: Mapping[str, Change] = field(default_factory=dict)
    added: Mapping[str, frozenset[Key]] = field(default_factory=dict)

    def with_before(self, name: str, before: Any) -> Changes:
        """The same, had the field been something else before."""
        change = replace(self.fields[name], before=before)
        return replace(self, fields={**self.fields, name: change})

    def with_added(self, name: str, keys: frozenset[Key]) -> Changes:
        """The same, with these entries of a list among those that were added."""
        return replace(self, added={**self.added, name: self.added.get(name, frozenset()) | keys})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was chosen, and what the survivor has from the other."""

    choices: Mapping[str, Side]
    changes: Changes


@dataclass(frozen=True, slots=True)
class MergeMade(Unpublished):
    """Two people are one from now on; the survivor tells of it."""


@dataclass(frozen=True, slots=True)
class MergeUndone(Unpublished):
    """They are two again; the survivor tells of it."""


@dataclass(frozen=True, slots=True)
class MergeInherited(Unpublished):
    """What an undone merge had brought counts as brought by this one, which brought it as well."""


@dataclass(kw_only=True)
class Merge(Aggregate):
    """One person made one with another.

    `merged` is who is gone, as they were; once they are back, nothing of them is kept here.
    `person_id` is who answers for the survivor now.
    """

    survivor_id: UUID
    merged_id: UUID
    person_id: UUID
    choices: Mapping[str, Side]
    changes: Changes
    merged: Person | None
    merged_at: datetime
    merged_by: str
    undone_at: datetime | None = None
    undone_by: str | None = None

    @classmethod
    def make(
        cls,
        merge_id: UUID,
        survivor_id: UUID,
        merged: Person,
        outcome: Outcome,
        now: datetime,
        actor: str,
    ) -> Merge:
        """The merge of `merged` into the survivor, with what came of it for the survivor."""
        merge = cls(
            id=merge_id,
            survivor_id=survivor_id,
            merged_id=merged.id,
            person_id=survivor_id,
            choices=outcome.choices,
            changes=outcome.changes,
            merged=merged,
            merged_at=now,
            merged_by=actor,
        )
        merge.record(MergeMade())
        return merge

    def undo(self, now: datetime, actor: str) -> Person:
        """Give back who was gone. Raises `Conflict` when they are back already."""
        if self.merged is None:
            raise Conflict(f"The merge {self.id} was undone already.", code="merge_undone")
        merged, self.merged = self.merged, None
        self.changes = Changes()
        self.undone_at, self.undone_by = now, actor
        self.record(MergeUndone())
        return merged

    def inherit(self, changes: Changes) -> None:
        """Answer for what another merge, undone now, had brought first."""
        if changes != self.changes:
            self.changes = changes
            self.record(MergeInherited())
