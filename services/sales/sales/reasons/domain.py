"""Why something was lost, returned, paid back or called off: reasons that administrators define."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact

MOST_REASONS = 500
"""How many a tenant may have, of all kinds together."""


class ReasonKind(StrEnum):
    """What a reason may be given for."""

    LOSS = "loss"
    RETURN = "return"
    REFUND = "refund"
    CANCELLATION = "cancellation"
    CHURN = "churn"
    DISQUALIFICATION = "disqualification"


@dataclass(frozen=True, slots=True)
class ReasonDefined(Fact):
    """A reason is new or different."""

    reason_id: UUID
    kind: ReasonKind
    key: str


@dataclass(frozen=True, slots=True)
class ReasonArchived(Fact):
    """A reason was put away."""

    reason_id: UUID
    kind: ReasonKind
    key: str


@dataclass(frozen=True, slots=True)
class ReasonRestored(Fact):
    """An archived reason is back in use."""

    reason_id: UUID
    kind: ReasonKind
    key: str


@dataclass(kw_only=True)
class Reason(Aggregate):
    """A reason; its kind and its key are for good."""

    kind: ReasonKind
    key: str
    name: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @classmethod
    def define(
        cls, reason_id: UUID, kind: ReasonKind, key: str, name: Mapping[str, str], now: datetime
    ) -> Reason:
        """A new reason."""
        reason = cls(id=reason_id, kind=kind, key=key, name=name, created_at=now, updated_at=now)
        reason.record(ReasonDefined(reason_id, kind, key))
        return reason

    def rename(self, name: Mapping[str, str], now: datetime) -> None:
        """Call it something else; nothing happens when it is called that."""
        if name != self.name:
            self.name, self.updated_at = name, now
            self.record(ReasonDefined(self.id, self.kind, self.key))

    def archive(self, now: datetime) -> None:
        """Have it given for nothing new; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(ReasonArchived(self.id, self.kind, self.key))

    def restore(self, now: datetime) -> None:
        """Take it back into use; nothing happens to one that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(ReasonRestored(self.id, self.kind, self.key))
