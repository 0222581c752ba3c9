"""Who has which part in buying: people on an opportunity, with attitude and influence (SA-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Unpublished
from sales.pipelines.domain import BuyingRole


class Attitude(StrEnum):
    """Whether somebody is for what is offered."""

    FOR = "for"
    NEUTRAL = "neutral"
    AGAINST = "against"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """What part somebody has. `influence` is from 1 to 5, and None while nobody knows."""

    roles: tuple[BuyingRole, ...]
    attitude: Attitude = Attitude.UNKNOWN
    influence: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class BuyingRolesAssigned(Fact):
    """A person has this part, and no other."""

    opportunity_id: UUID
    person_id: UUID
    part: Part


@dataclass(frozen=True, slots=True)
class BuyingRolesRemoved(Fact):
    """A person has no part any more."""

    opportunity_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class InvolvementJoined(Unpublished):
    """What was noted of two people who are one is noted in one place now."""


@dataclass(kw_only=True)
class Involvement(Aggregate):
    """A person on an opportunity.

    Once two people were merged, one person may have several: together they are the person's part.
    """

    opportunity_id: UUID
    person_id: UUID
    part: Part
    created_at: datetime
    updated_at: datetime

    def begin(self) -> None:
        """Say that the person has a part. Raises `Invalid` for one without a role."""
        _require_roles(self.part)
        self._tell()

    def become(self, part: Part, now: datetime) -> None:
        """Have another part; nothing happens when nothing differs. Raises `Invalid`."""
        _require_roles(part)
        if part != self.part:
            self.part, self.updated_at = part, now
            self._tell()

    def end(self) -> None:
        """Have no part any more."""
        self.record(BuyingRolesRemoved(self.opportunity_id, self.person_id))

    def join(self) -> None:
        """Give way to another note of the same person."""
        self.record(InvolvementJoined())

    def _tell(self) -> None:
        self.record(BuyingRolesAssigned(self.opportunity_id, self.person_id, self.part))


def together(parts: list[Part]) -> Part:
    """The part of a person of whom several were noted: all roles, and else what was noted last."""
    roles = sorted({role for part in parts for role in part.roles})
    last = parts[-1]
    return Part(tuple(roles), last.attitude, last.influence, last.note)


def _require_roles(part: Part) -> None:
    if not part.roles:
        raise Invalid.at("/roles", "roles_missing", "A person on an opportunity has a role.")
