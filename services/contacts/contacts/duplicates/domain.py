"""Two people who may be one: found, decided by somebody, and found again when more speaks for it (CO-8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Unpublished

MORE_SPEAKS_FOR_IT = 3.0
"""By how many bits a likeness has to grow before a dismissed pair is offered again: eight times as likely."""
LEAST_OFFERED, LEAST_MERGED = 0.5, 0.9


class PairState(StrEnum):
    """What became of a pair."""

    OPEN = "open"
    DISMISSED = "dismissed"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about two people.

    `bits` is the sum of what their fields say, `evidence` what each says: field, level, bits.
    `automatic` says that nothing speaks against making them one without asking anybody.
    """

    probability: float
    bits: float
    evidence: Sequence[tuple[str, str, float]]
    swapped: bool
    automatic: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """When and by whom something was decided; `inherited_from` as a pair has it."""

    at: datetime
    by: str
    inherited_from: UUID | None = None


@dataclass(frozen=True, slots=True)
class DuplicateDetected(Fact):
    """Two people may be one, as far as is known now."""

    pair_id: UUID
    first_id: UUID
    second_id: UUID
    probability: float


@dataclass(frozen=True, slots=True)
class DuplicateDismissed(Fact):
    """Somebody has decided that two people are two."""

    pair_id: UUID
    first_id: UUID
    second_id: UUID


@dataclass(frozen=True, slots=True)
class DuplicateReopened(Fact):
    """What was decided about two people counts no more: they may be one after all."""

    pair_id: UUID
    first_id: UUID
    second_id: UUID


@dataclass(frozen=True, slots=True)
class DuplicateWithdrawn(Unpublished):
    """They are not likely to be one any more, or not there."""


@dataclass(frozen=True, slots=True)
class DuplicateRated(Unpublished):
    """They were compared again."""


@dataclass(frozen=True, slots=True)
class DuplicateMerged(Unpublished):
    """They are one; whoever was left tells of it."""


@dataclass(kw_only=True)
class DuplicatePair(Aggregate):
    """Two people who may be one; `first_id` is the lesser of their ids.

    `dismissed_bits` is how alike they were when somebody said that they are two. `inherited_from` is the merge
    by which it holds for one of them what was decided about somebody who is gone.
    """

    first_id: UUID
    second_id: UUID
    finding: Finding
    found_at: datetime
    state: PairState = PairState.OPEN
    decided_at: datetime | None = None
    decided_by: str | None = None
    dismissed_bits: float | None = None
    merge_id: UUID | None = None
    inherited_from: UUID | None = None

    @classmethod
    def find(
        cls, pair_id: UUID, one: UUID, other: UUID, finding: Finding, now: datetime
    ) -> DuplicatePair:
        """A pair that was found, whichever of the two comes first."""
        pair = cls._of(pair_id, one, other, finding, now)
        fact = DuplicateDetected(pair.id, pair.first_id, pair.second_id, finding.probability)
        pair.record(fact)
        return pair

    @classmethod
    def tell_apart(
        cls, pair_id: UUID, one: UUID, other: UUID, finding: Finding, decision: Decision
    ) -> DuplicatePair:
        """A pair that nobody had found when it was decided that they are two."""
        pair = cls._of(pair_id, one, other, finding, decision.at)
        pair.dismiss(decision)
        return pair

    @classmethod
    def _of(
        cls, pair_id: UUID, one: UUID, other: UUID, finding: Finding, now: datetime
    ) -> DuplicatePair:
        first, second = sorted((one, other))
        return cls(id=pair_id, first_id=first, second_id=second, finding=finding, found_at=now)

    def other(self, person_id: UUID) -> UUID:
        """The one of the two who is not this one."""
        return self.second_id if person_id == self.first_id else self.first_id

    def rate(self, finding: Finding, now: datetime) -> None:
        """Take over what a new look has found.

        Whom somebody has told apart stays so unless much more speaks for the two being one than did then.
        """
        grown = self.state is PairState.DISMISSED and (
            finding.bits >= (self.dismissed_bits or 0.0) + MORE_SPEAKS_FOR_IT
        )
        if grown:
            self._reopen()
            self.found_at = now
        if finding != self.finding:
            self.finding = finding
            self.record(DuplicateRated())

    def withdraw(self) -> None:
        """Have the pair gone: it is none any more."""
        self.record(DuplicateWithdrawn())

    def leave_to_people(self) -> None:
        """Have nobody but people decide: it could not be merged without them."""
        self.finding = replace(self.finding, automatic=False)
        self.record(DuplicateRated())

    def require_open(self) -> None:
        """Raise `Conflict` when it was decided already."""
        if self.state is not PairState.OPEN:
            raise Conflict(f"The pair {self.id} is {self.state} already.", code="pair_decided")

    def dismiss(self, decision: Decision) -> None:
        """Decide that they are two. Raises `Conflict` when anything was decided before."""
        self.require_open()
        self.state, self.dismissed_bits = PairState.DISMISSED, self.finding.bits
        self.decided_at, self.decided_by = decision.at, decision.by
        self.inherited_from = decision.inherited_from
        self.record(DuplicateDismissed(self.id, self.first_id, self.second_id))

    def reopen(self) -> None:
        """Decide anew. Raises `Conflict` for a pair that is open, or one."""
        if self.state is not PairState.DISMISSED:
            raise Conflict(f"The pair {self.id} is {self.state}.", code="pair_not_dismissed")
        self._reopen()

    def merge(self, merge_id: UUID, decision: Decision) -> None:
        """Note that they were made one, whatever was decided before."""
        self.state, self.merge_id = PairState.MERGED, merge_id
        self.decided_at, self.decided_by = decision.at, decision.by
        self.record(DuplicateMerged())

    def part(self, decision: Decision) -> None:
        """Note that they are two after all: whoever undoes a merge tells two people apart."""
        self.state, self.merge_id = PairState.OPEN, None
        self.dismiss(decision)

    def _reopen(self) -> None:
        self.state = PairState.OPEN
        self.decided_at = self.decided_by = self.dismissed_bits = self.inherited_from = None
        self.record(DuplicateReopened(self.id, self.first_id, self.second_id))


@dataclass(frozen=True, slots=True)
class DuplicateLimits:
    """From which probability two people are offered as one, and made one; without the last, nobody is."""

    offer_from: float = 0.8
    merge_from: float | None = None


@dataclass(frozen=True, slots=True)
class DuplicateSettingsChanged(Fact):
    """Duplicates are offered or merged from another probability on."""

    settings_id: UUID
    limits: DuplicateLimits


@dataclass(kw_only=True)
class DuplicateSettings(Aggregate):
    """How a tenant's duplicates are dealt with."""

    limits: DuplicateLimits = DuplicateLimits()

    def change(self, limits: DuplicateLimits) -> None:
        """Have others hold; nothing happens when nothing differs. Raises `Invalid`."""
        if not LEAST_OFFERED <= limits.offer_from <= 1:
            message = f"It has to be {LEAST_OFFERED} to 1."
            raise Invalid.at("/offer_from", "out_of_bounds", message)
        if limits.merge_from is not None:
            least = max(LEAST_MERGED, limits.offer_from)
            if not least <= limits.merge_from <= 1:
                message = f"It has to be {least} to 1, or null."
                raise Invalid.at("/merge_from", "out_of_bounds", message)
        if limits != self.limits:
            self.limits = limits
            self.record(DuplicateSettingsChanged(self.id, limits))
