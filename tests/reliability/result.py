"""What came of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.reliability.checks.check import Finding


@dataclass(frozen=True, slots=True)
class Window:
    """One fault, from its beginning until all that it touched was ready again; in seconds of the run."""

    fault: str
    began: float
    inflicted: float
    """When it was taken back, as far as hands would."""
    ended: float
    recovery: Mapping[str, float | None]
    """Seconds from when it was taken back until ready, by service; None: not in time."""
    reads: Mapping[str, tuple[int, int]]
    """How many reads of services that were not hit were answered as always, and how many there were."""
    writes: Mapping[str, int] = field(default_factory=dict)
    trouble: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A whole run; `began` is the time of day."""

    seed: int
    began: datetime
    seconds: float
    windows: Sequence[Window]
    writes: Mapping[str, int]
    attempts: int
    replays: int
    """Answers that were given a second time, to the same idempotency key."""
    restarts: Mapping[str, int]
    """How often each part was started again after it had died."""
    settled_after: float | None
    """Seconds after the load until every fact was published and settled."""
    findings: Sequence[Finding]
    trouble: Sequence[str] = ()

    @property
    def complaints(self) -> list[str]:
        """All that is wrong, in words."""
        found = list(self.trouble)
        for window in self.windows:
            found += [f"{window.fault}: {what}" for what in window.trouble]
        for finding in self.findings:
            found += [f"{finding.invariant}: {what}" for what in finding.violations]
        return found

    @property
    def is_green(self) -> bool:
        """Whether everything held that has to hold."""
        return not self.complaints
