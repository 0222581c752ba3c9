"""When and how often messages may go out: quiet hours, caps, digests, tracking (NO-5); as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.domain import Aggregate, Fact, Invalid


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until `end` on the recipient's clock, over midnight if need be, nothing goes out."""

    start: time
    end: time

    def hold(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether it is quiet at this moment in this zone."""
        local = at.astimezone(zone).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def over_at(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first moment from `at` on that is not quiet; `at` itself when it is not."""
        moment = at
        # A clock that is put back makes an end come twice; the second one is the end then.
        for _ in range(3):
            if not self.hold(moment, zone):
                return moment
            moment = next_local(moment, self.end, zone)
        return moment


class WhenCapped(StrEnum):
    """What becomes of a message over a cap."""

    HOLD_BACK = "hold_back"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many messages in any stretch of so many hours."""

    messages: int
    hours: int

    @property
    def window(self) -> timedelta:
        """The stretch."""
        return timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a policy says. Transactional messages keep to quiet hours and caps only if told so.

    `time_zone` is for recipients whose own is not known.
    """

    quiet_hours: QuietHours | None = None
    caps: tuple[Cap, ...] = ()
    when_capped: WhenCapped = WhenCapped.HOLD_BACK
    transactional_too: bool = False
    time_zone: str = "UTC"
    track_opens: bool = False
    track_clicks: bool = False

    def bind(self, *, promotional: bool) -> bool:
        """Whether quiet hours and caps count for such a message."""
        return promotional or self.transactional_too


NO_RULES = Rules()
"""What holds where a tenant has said nothing."""


@dataclass(frozen=True, slots=True)
class DeliveryPolicyDefined(Fact):
    """A policy was made or changed."""

    policy_id: UUID
    channel: str
    purpose: str


@dataclass(frozen=True, slots=True)
class DeliveryPolicyRemoved(Fact):
    """A policy holds no longer."""

    policy_id: UUID


@dataclass(kw_only=True)
class DeliveryPolicy(Aggregate):
    """A tenant's rules for a channel and a purpose; empty is any. The closest one holds alone."""

    channel: str
    purpose: str
    rules: Rules
    created_at: datetime
    updated_at: datetime

    @classmethod
    def define(
        cls, policy_id: UUID, channel: str, purpose: str, rules: Rules, now: datetime
    ) -> DeliveryPolicy:
        """A new policy. Raises `Invalid` for rules that cannot be."""
        _check(rules)
        made = cls(
            id=policy_id,
            channel=channel,
            purpose=purpose,
            rules=rules,
            created_at=now,
            updated_at=now,
        )
        made.record(DeliveryPolicyDefined(policy_id, channel, purpose))
        return made

    def redefine(self, rules: Rules, now: datetime) -> None:
        """Take over other rules."""
        _check(rules)
        if rules != self.rules:
            self.rules, self.updated_at = rules, now
            self.record(DeliveryPolicyDefined(self.id, self.channel, self.purpose))

    def remove(self) -> None:
        """It holds no longer; who calls removes it."""
        self.record(DeliveryPolicyRemoved(self.id))


def closeness(channel: str, purpose: str) -> int:
    """How close a policy for these is to a message that it fits: a purpose counts before a channel."""
    return 2 * bool(purpose) + bool(channel)


def zone_of(name: str, otherwise: str) -> ZoneInfo:
    """The zone of this name, else the other one, else UTC."""
    for candidate in (name, otherwise):
        try:
            if candidate:
                return ZoneInfo(candidate)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def next_local(after: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The first moment after `after` at which the clock shows `at`, or would if it were not put on.

    A time that a clock skips counts as the same distance behind the time before the skip, so it
    comes as late as it was skipped; one that comes twice counts both times.
    """
    day = after.astimezone(zone).date() - timedelta(days=1)
    candidates = [
        datetime.combine(day + timedelta(days=days), at, zone).replace(fold=fold).astimezone(UTC)
        for days in range(4)
        for fold in (0, 1)
    ]
    return min(one for one in candidates if one > after)


def _check(rules: Rules) -> None:
    hours = rules.quiet_hours
    if hours is not None and hours.start == hours.end:
        message = "Quiet hours that end when they begin are none, or always."
        raise Invalid.at("/rules/quiet_hours/end", "quiet_hours_empty", message)
    try:
        ZoneInfo(rules.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{rules.time_zone!r} is no time zone of the IANA database."
        raise Invalid.at("/rules/time_zone", "time_zone_unknown", message) from None
