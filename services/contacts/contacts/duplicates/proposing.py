"""What of two people is proposed to be left when they become one, field by field."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from contacts.merges.domain import Side
from contacts.merges.survivorship import SINGLE, read
from contacts.people.domain import LifecycleStage, Person, PersonDetails

_EMPTY: Collection[Any] = ("", None, [], {}, ())
_STAGES: Final = tuple(LifecycleStage)


@dataclass(frozen=True, slots=True)
class Difference:
    """A single field in which the two differ, with both values as JSON has them, and the proposed side."""

    field: str
    survivor: Any
    merged: Any
    proposed: Side


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who is proposed to be left, and what of the other is to be taken."""

    survivor: Person
    merged: Person
    differences: Sequence[Difference]

    @property
    def choices(self) -> Mapping[str, Side]:
        """What a merge by the proposal chooses against its own rule, by which the survivor's stays."""
        chosen = {each.field: each.proposed for each in self.differences}
        return {
            each.field: chosen[each.field]
            for each in self.differences
            if each.proposed is Side.MERGED and each.survivor not in _EMPTY
        }


def propose(one: Person, other: Person, survivor: Person | None = None) -> Proposal:
    """The proposal for two people, whichever comes first.

    Left is who is known more completely, or else for longer. A field is the survivor's unless it is empty;
    of two lifecycle stages the further one counts, but nobody lapses by a merge.
    """
    left = survivor or min((one, other), key=lambda p: (-_completeness(p), p.created_at, p.id))
    gone = other if left is one else one
    custom = sorted(
        {f"custom_fields.{key}" for p in (one, other) for key in p.details.custom_fields}
    )
    differences = []
    for name in (*SINGLE, *custom):
        mine, theirs = read(left.details, name), read(gone.details, name)
        if mine != theirs:
            proposed = _proposed(name, left.details, gone.details)
            differences.append(Difference(name, mine, theirs, proposed))
    return Proposal(left, gone, differences)


def _proposed(name: str, mine: PersonDetails, theirs: PersonDetails) -> Side:
    if read(mine, name) in _EMPTY:
        return Side.MERGED
    if name == "lifecycle_stage" and theirs.lifecycle_stage is not LifecycleStage.LAPSED:
        is_further = mine.lifecycle_stage is LifecycleStage.LAPSED or _STAGES.index(
            theirs.lifecycle_stage
        ) > _STAGES.index(mine.lifecycle_stage)
        return Side.MERGED if is_further else Side.SURVIVOR
    return Side.SURVIVOR


def _completeness(person: Person) -> int:
    """How much is known: each single field that is not empty, and each entry of a list, is one."""
    details = person.details
    values = (getattr(details, field.name) for field in fields(details))
    return sum(
        len(value) if isinstance(value, (tuple, Mapping)) else value not in _EMPTY
        for value in values
    )
