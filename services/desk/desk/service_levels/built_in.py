"""The policy that every tenant starts with; it is its own from then on.

Acknowledged within three minutes, solved within twelve hours, whatever the hour: what an impatient
customer expects.
"""

from __future__ import annotations

from desk.service_levels.domain import MinutesByPriority, Terms, Warn


def _always(minutes: int) -> MinutesByPriority:
    return MinutesByPriority(low=minutes, normal=minutes, high=minutes, urgent=minutes)


FIRST_POLICY = Terms(
    name="3 minutes, 12 hours",
    position=1_000,
    first_response=_always(3),
    resolution=_always(12 * 60),
    warn=Warn(at_percent=75),
)
