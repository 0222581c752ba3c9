"""What a check is: it looks at one thing that has to be true after a run, and counts what it saw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tests.reliability.client import Client
from tests.reliability.estate import Estate
from tests.reliability.hook import Hook
from tests.reliability.ledger import Ledger

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """What checks look at: the platform at rest, the run's own books, and apps of its tenant."""

    estate: Estate
    ledger: Ledger
    client: Client
    hook: Hook | None
    """None in runs without an app that is told by webhook."""
    tenant_id: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found; without violations the invariant holds."""

    invariant: str
    counts: Mapping[str, int]
    violations: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, invariant: str, violations: Iterable[str], **counts: int) -> Finding:
        """A finding that names the first violations and counts the others."""
        found = list(violations)
        shown = found[:_SHOWN]
        if len(found) > _SHOWN:
            shown.append(f"and {len(found) - _SHOWN} more")
        return cls(invariant, counts, tuple(shown))

    @property
    def holds(self) -> bool:
        """Whether there is nothing to complain of."""
        return not self.violations


Check = Callable[[Evidence], Finding]
