"""The version that a caller believes a record to be at, and what has to look at it before a commit."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.domain import PreconditionFailed


@dataclass(frozen=True, slots=True)
class Precondition:
    """The version that the caller believes the named aggregate to be at.

    Without an id the operation knows of which one, see `UnitOfWork.require_version`. With `promised`
    the route says that it looks at the version, so nothing is committed without that.
    """

    aggregate_id: UUID | None
    version: int
    promised: bool = False

    def check(self, version: int, named: str = "It") -> None:
        """Compare with the version that it is at. Raises `PreconditionFailed`."""
        if version != self.version:
            raise PreconditionFailed(f"{named} is at version {version}, not {self.version}.")


class VersionNotChecked(RuntimeError):
    """An operation has ended without a look at the version that its caller named: a defect of ours.

    It has to get the record from its repository by the id that the path names last, or that the route
    gives as `about`, or else to call `UnitOfWork.require_version`.
    """

    def __init__(self, expected: Precondition) -> None:
        about = "what it has found" if expected.aggregate_id is None else expected.aggregate_id
        super().__init__(f"the route takes If-Match, and the operation has not checked {about}")
