"""Badges and privileges: how a program recognises a member other than by points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid


class RecognitionKind(StrEnum):
    """What a recognition is: something to show, or something that a member may do."""

    BADGE = "badge"
    PRIVILEGE = "privilege"


@dataclass(frozen=True, slots=True)
class RecognitionTerms:
    """What a recognition is called, and for how many days it holds; for good without `days`."""

    kind: RecognitionKind
    key: str
    name: Mapping[str, str]
    days: int | None = None


@dataclass(frozen=True, slots=True)
class RecognitionAwarded(Fact):
    """A member has one that was not there before."""

    recognition: Recognition


@dataclass(frozen=True, slots=True)
class RecognitionWithdrawn(Fact):
    """One was taken back."""

    recognition: Recognition


@dataclass(kw_only=True)
class Recognition(Aggregate):
    """A badge or privilege of a member.

    `cause_kind` and `cause_key` say what it was given for; there is one for each cause of a member.
    """

    program_id: UUID
    member_id: UUID
    person_id: UUID | None
    kind: RecognitionKind
    key: str
    name: Mapping[str, str]
    cause_kind: str
    cause_key: str
    awarded_at: datetime
    valid_until: datetime | None = None
    withdrawn_at: datetime | None = None

    def award(self) -> None:
        """Say that it is there. Raises `Invalid` for one that ends before it begins."""
        if self.valid_until is not None and self.valid_until <= self.awarded_at:
            message = "It has to end after it is given."
            raise Invalid.at("/valid_until", "ends_too_early", message)
        self.record(RecognitionAwarded(self))

    def withdraw(self, now: datetime) -> None:
        """Take it back. Raises `Conflict` when that was done before."""
        if self.withdrawn_at is not None:
            message = "The recognition was withdrawn already."
            raise Conflict(message, code="recognition_withdrawn")
        self.withdrawn_at = now
        self.record(RecognitionWithdrawn(self))
