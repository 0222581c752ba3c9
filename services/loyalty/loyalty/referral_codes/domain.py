"""The codes that members hand on to friends: one for each member (LO-8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Fact
from loyalty.codes.domain import CodeShape

SHAPE = CodeShape(groups=2, group_size=5)
"""44 bits: nobody comes upon one by trying, and it is still pretty enough to be handed on."""
LONGEST_NAME = 50


@dataclass(frozen=True, slots=True)
class ReferralCodeIssued(Fact):
    """A member has a code."""

    code: ReferralCode


@dataclass(frozen=True, slots=True)
class ReferralCodeChanged(Fact):
    """It shows another name, is another code, or was switched off or on."""

    code: ReferralCode


@dataclass(kw_only=True)
class ReferralCode(Aggregate):
    """A member's code, in its normal form.

    `shown_name` is the first name that the member lets friends see; empty when none is shown.
    """

    program_id: UUID
    member_id: UUID
    person_id: UUID | None
    code: str
    created_at: datetime
    updated_at: datetime
    shown_name: str = ""
    enabled: bool = True

    def issue(self) -> None:
        """Say that it is there."""
        self.record(ReferralCodeIssued(self))

    def change(self, *, shown_name: str, enabled: bool, now: datetime) -> None:
        """Show another name, or switch it off or on; nothing happens when nothing differs."""
        if (shown_name, enabled) != (self.shown_name, self.enabled):
            self.shown_name, self.enabled, self.updated_at = shown_name, enabled, now
            self.record(ReferralCodeChanged(self))

    def replace(self, code: str, now: datetime) -> None:
        """Be another code, since the one before went about where it should not."""
        self.code, self.updated_at = code, now
        self.record(ReferralCodeChanged(self))

    @property
    def written(self) -> str:
        """The code as people see it."""
        return SHAPE.written(self.code)
