"""What a program gives for recommendations, and which of them count (LO-8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Violation
from loyalty.gifts.domain import NOTHING, Gift

MOST_WINDOW_DAYS = 730


class CompletedBy(StrEnum):
    """What of the friend's first order has to be delivered."""

    FIRST_DELIVERY = "first_delivery"
    WHOLE_ORDER = "whole_order"


class CapPeriod(StrEnum):
    """Within what a member's rewarded recommendations are counted, in the program's time zone."""

    MONTH = "month"
    YEAR = "year"
    LIFETIME = "lifetime"


@dataclass(frozen=True, slots=True)
class ReferralPolicy:
    """What a recommendation gives, and when it counts.

    The friend has to place the first order within `window_days` of coming, and it has to be worth
    `minimum_order` in the program's currency, with tax. A member is rewarded for at most
    `most_rewarded` friends in a `cap_period`; their friends are rewarded all the same. When more
    than `hold_above` are completed within 24 hours, somebody has to look at the next ones. When
    within `reversal_days` so much of the order is paid back that it would not have counted, both
    sides' rewards are taken back. `sign_up_url` is where a friend goes on from a member's link.
    """

    enabled: bool = True
    referrer_gift: Gift = NOTHING
    friend_gift: Gift = NOTHING
    completed_by: CompletedBy = CompletedBy.FIRST_DELIVERY
    window_days: int = 90
    minimum_order: Decimal | None = None
    most_rewarded: int | None = None
    cap_period: CapPeriod = CapPeriod.MONTH
    hold_above: int | None = None
    reversal_days: int = 30
    sign_up_url: str = ""
    code_parameter: str = "ref"

    def expires_at(self, claimed_at: datetime) -> datetime:
        """The end of the time in which the friend has to order."""
        return claimed_at + timedelta(days=self.window_days)

    def sign_up_address(self, code: str) -> str:
        """Where a friend goes on, with the code as a parameter; empty when nowhere is configured."""
        if not self.sign_up_url:
            return ""
        parts = urlsplit(self.sign_up_url)
        kept = [pair for pair in parse_qsl(parts.query) if pair[0] != self.code_parameter]
        query = urlencode([*kept, (self.code_parameter, code)])
        return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


@dataclass(frozen=True, slots=True)
class ReferralTermsSet(Fact):
    """What a program gives is different from now on."""

    terms: ReferralTerms


@dataclass(kw_only=True)
class ReferralTerms(Aggregate):
    """What a program gives for recommendations from now on; its id is the program's.

    Who came before is judged and rewarded by what held then: that was the promise.
    """

    policy: ReferralPolicy
    updated_at: datetime

    @property
    def program_id(self) -> UUID:
        """Whose terms they are."""
        return self.id

    def set(self, policy: ReferralPolicy, now: datetime) -> None:
        """Have these hold; nothing happens when nothing differs. Raises `Invalid`."""
        wrong = tuple(_wrong(policy))
        if wrong:
            raise Invalid("These terms cannot be.", violations=wrong)
        if self.version and policy == self.policy:
            return
        self.policy, self.updated_at = policy, now
        self.record(ReferralTermsSet(self))


def _wrong(policy: ReferralPolicy) -> Iterator[Violation]:
    yield from policy.referrer_gift.wrong("/referrer_gift")
    yield from policy.friend_gift.wrong("/friend_gift")
    if not 1 <= policy.window_days <= MOST_WINDOW_DAYS:
        message = f"A window has 1 to {MOST_WINDOW_DAYS} days."
        yield Violation("/window_days", "days_impossible", message)
    if policy.minimum_order is not None and policy.minimum_order < 0:
        message = "The least that an order is worth is not below zero."
        yield Violation("/minimum_order", "amount_negative", message)
    if policy.sign_up_url and not _is_plain_https(policy.sign_up_url):
        message = "This has to be an address with https, a host name, and no user name in it."
        yield Violation("/sign_up_url", "address_unfit", message)


def _is_plain_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    is_clean = not any(one.isspace() or one in '\\"<>' for one in address)
    without_user = parts.username is None and parts.password is None
    known_port = port is None or port > 0
    return bool(
        parts.scheme == "https" and parts.hostname and is_clean and without_user and known_port
    )
