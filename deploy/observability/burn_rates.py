"""Burn-rate arithmetic: over which windows a budget is watched, and from which share of bad events on.

Windows, rates and what they page for are those of The Site Reliability Workbook (Google, 2018), chapter 5,
"Alerting on SLOs", section 6: multiwindow, multi-burn-rate alerts. The short window is a twelfth of the long one: it lets an
alert end soon after the cause has. https://sre.google/workbook/alerting-on-slos/
"""

from __future__ import annotations

from dataclasses import dataclass

_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}


def hours(window: str) -> float:
    """The length of a window as Prometheus writes it: 5m, 6h, 3d."""
    return int(window[:-1]) * _HOURS[window[-1]]


@dataclass(frozen=True, slots=True)
class BurnRate:
    """How many times faster than allowed the budget goes, in both windows, before somebody is told."""

    factor: float
    long: str
    short: str
    severity: str

    def threshold(self, target: float) -> float:
        """The share of bad events above which it burns so fast."""
        return self.factor * (1 - target)

    def spent(self, period_days: int) -> float:
        """The share of the period's budget that is gone when the long window is full of it."""
        return self.factor * hours(self.long) / (period_days * 24)


BURN_RATES = (
    BurnRate(14.4, "1h", "5m", "page"),
    BurnRate(6, "6h", "30m", "page"),
    BurnRate(3, "1d", "2h", "ticket"),
    BurnRate(1, "3d", "6h", "ticket"),
)
WINDOWS = tuple(
    sorted({window for rate in BURN_RATES for window in (rate.long, rate.short)}, key=hours)
)
