"""Calls providers over HTTP, and says what an answer, or none, means for the message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from chassis.outbound.errors import OutboundFailed
from chassis.outbound.http import OutboundHttp, OutboundRequest, OutboundResponse
from notifications.providers.port import Outcome, Refused, TryLater, Unknown

_BUSY_SECONDS = 30.0
_LONGEST_SECONDS = 3600.0
"""No provider puts off a message for longer than this, whatever it asks for."""


def call(
    http: OutboundHttp, request: OutboundRequest, hand_over: Callable[[], None]
) -> OutboundResponse | TryLater | Unknown:
    """The answer; without one, whether the message was certainly not sent or nobody knows."""
    hand_over()
    try:
        return http.send(request)
    except OutboundFailed as failed:
        if failed.handed_over:
            return Unknown(failed.message)
        return TryLater(failed.message)


def after_failure(status: int, detail: str, seconds: float | None) -> Outcome:
    """What an answer means that says no, as all of them mean it alike.

    A server error leaves it open whether the message was taken before it: nobody can tell.
    """
    if status == 429:
        return TryLater(detail, seconds or _BUSY_SECONDS, busy=True)
    if status == 503:
        return TryLater(detail, seconds, busy=seconds is not None)
    if status in (401, 403):
        # The credentials are wrong, not the message: another provider may do, or a new secret.
        return TryLater(detail)
    if status >= 500 or status == 408:
        return Unknown(detail)
    return Refused(detail)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that `Retry-After` asks for: a number, or a date beside the answer's own.

    An hour at most; None where it says nothing that can be read.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said), _LONGEST_SECONDS)
    try:
        # The provider's own clock counts, so that it does not matter whether ours is right.
        until, now = (parsedate_to_datetime(text) for text in (said, headers.get("date", "")))
        return min(max(0.0, (until - now).total_seconds()), _LONGEST_SECONDS)
    except (TypeError, ValueError, OverflowError):
        return None
