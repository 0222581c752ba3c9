"""A figure of the benchmarks: what was measured, against what, and how far it was to reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table.

    `value` and `yardstick` are in `unit`; the row is judged by `ratio` against `reach`, or by
    `value` where there is no yardstick. `at_most` tells which way round.
    """

    name: str
    value: float
    unit: str
    yardstick: float | None = None
    reach: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value against its yardstick."""
        return None if not self.yardstick else self.value / self.yardstick

    @property
    def is_reached(self) -> bool | None:
        """Whether it is as good as it should be; None for figures that are only told."""
        if self.reach is None:
            return None
        judged = self.value if self.ratio is None else self.ratio
        return judged <= self.reach if self.at_most else judged >= self.reach

    def as_json(self) -> dict[str, Any]:
        """For the file of results."""
        return {**asdict(self), "ratio": self.ratio, "is_reached": self.is_reached}


Figures = Iterator[Figure]
