"""What follows from an attempt: done, again later, or never; as Standard Webhooks suggests it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_chance = random.Random()  # noqa: S311 - jitter, of its own: the shared one may be seeded alike

SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600,
    )
)  # fmt: skip
"""How long to wait after each failed attempt; after the last one it is given up."""
_JITTER = 0.2
_LONGEST_WAIT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The endpoint has it."""


@dataclass(frozen=True, slots=True)
class Again:
    """Another attempt after this time; `pause` is how long the endpoint wants to hear nothing."""

    after: timedelta
    pause: timedelta | None = None


@dataclass(frozen=True, slots=True)
class GivenUp:
    """No further attempt; `gone` says that the endpoint is there no more at all."""

    reason: str
    gone: bool = False


Verdict = Delivered | Again | GivenUp


def judge(status: int | None, headers: Mapping[str, str], tries: int, now: datetime) -> Verdict:
    """What follows from an answer, or from none, at the attempt number `tries`, from 1.

    Only 2xx is success: a redirect is not followed, and means that nothing was taken.
    """
    if status is not None and 200 <= status < 300:
        return Delivered()
    if status == 410:
        return GivenUp("endpoint_gone", gone=True)
    if tries > len(SCHEDULE):
        return GivenUp("attempts_exhausted")
    after = jittered(SCHEDULE[tries - 1])
    pause = retry_after(headers, now) if status in (429, 503) else None
    if pause is None:
        return Again(after)
    return Again(max(after, pause), pause)


def jittered(wait: timedelta) -> timedelta:
    """A little later, so that what failed together does not come together again."""
    return wait * (1 + _chance.uniform(0, _JITTER))


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """What `Retry-After` asks for, as seconds or as a date; a day at most, None without one."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        wait = timedelta(seconds=int(text))
    else:
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, OverflowError):  # of a zone or a year without end
            return None
        wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), _LONGEST_WAIT)
