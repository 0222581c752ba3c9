"""What befalls members of a club, step by step: each is done as an app or the staff would."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from chassis.embedded.processes import wait_until
from deploy.demo.belonging import definitions as defined
from deploy.demo.belonging.club import Club, wanted
from deploy.demo.external_app import Answer, ExternalApp

PEOPLE = "/v1/contacts/people"
ORDERS = "/v1/sales/orders"
MEMBERS = "/v1/loyalty/members"
REDEMPTIONS = "/v1/loyalty/redemptions"
CODES = "/v1/loyalty/referral-codes"
REFERRALS = "/v1/loyalty/referrals"
T = TypeVar("T")
_PATIENCE = 60.0
"""Seconds that a fact may take to have its effect, while a machine does much else."""


@dataclass
class Membership:
    """Lin Mei, her friend, and what becomes of them; remembers the ids of what comes of it."""

    club: Club
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def admin(self) -> ExternalApp:
        """Who works for the club."""
        return self.club.admin

    @property
    def member(self) -> str:
        """Where Lin Mei's membership is."""
        return f"{MEMBERS}/{self.ids['member']}"

    def enter(self, name: str, given: str, family: str) -> str:
        """Enter a person who has their birthday on the day on which the club next celebrates."""
        today = self.club.celebrates_at.astimezone(ZoneInfo(defined.ZONE)).date()
        person = {
            "given_name": given,
            "family_name": family,
            "language": "zh-Hant",
            "time_zone": defined.ZONE,
            "emails": [{"address": f"{name}-{secrets.token_hex(4)}@beans.example"}],
            "important_dates": [{"kind": "birthday", "date": f"1988-{today:%m-%d}"}],
        }
        self.ids[name] = str(self.admin.post(PEOPLE, person)["id"])
        return self.ids[name]

    def join(self, name: str) -> dict[str, Any]:
        """Have somebody be a member since a month ago, as in the program from before."""
        since = (datetime.now(UTC) - timedelta(days=30)).isoformat()
        body = {"person_id": self.ids[name], "enrolled_at": since}
        member: dict[str, Any] = self.admin.post(MEMBERS, wanted(self.club, body))
        return member

    def buy(self, name: str, amount: str, *, days_ago: int = 0) -> str:
        """Sell beans and hand them over, so many days ago; gives the order's id."""
        at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
        body = {
            "person_id": self.ids[name],
            "currency": defined.CURRENCY,
            "channel": "store",
            "branch": defined.BRANCH,
            "confirmed": True,
            "placed_at": at,
            "lines": [
                {"name": "Beans", "sku": "BEANS", "category": "coffee", "unit_price": amount}
            ],
        }
        order = str(self.admin.post(ORDERS, body)["id"])
        self.admin.post(f"{ORDERS}/{order}/deliver", {"delivered_at": at})
        return order

    def points(self, member: str | None = None) -> dict[str, Any]:
        """What a member has, by account; Lin Mei unless another's path is given."""
        told: dict[str, Any] = self.admin.get(f"{member or self.member}/points")
        return told

    def has(self, account: str, points: int, member: str | None = None) -> dict[str, Any]:
        """What a member has, once there are so many points in an account. Raises `TimeoutError`."""
        return once(
            lambda: self.points(member),
            lambda told: told["balances"][account] == points,
            f"{points} {account} points",
        )

    def is_in(self, tier: str) -> dict[str, Any]:
        """How Lin Mei stands, once she is in a tier. Raises `TimeoutError`."""
        return once(
            lambda: dict(self.admin.get(f"{self.member}/tier")),
            lambda told: (told["tier"] or {}).get("key") == tier,
            f"the tier {tier}",
        )

    def reserve(self) -> dict[str, Any]:
        """Hold a cup for Lin Mei; the answer has the code, for once."""
        body = {"reward_id": self.club.ids["cup"], "member_id": self.ids["member"]}
        held: dict[str, Any] = self.admin.post(REDEMPTIONS, body)
        return held

    def collect(self, code: str) -> Answer:
        """Try to collect what is held under a code."""
        body = {"code": code, "branch": defined.BRANCH}
        return self.admin.ask("POST", f"{REDEMPTIONS}/collect", json=body)

    def recommend(self, friend: str) -> dict[str, Any]:
        """Have a friend come by Lin Mei's code, and be a member."""
        issued = self.admin.post(CODES, {"member_id": self.ids["member"], "shown_name": "Mei"})
        claim = {"code": issued["code"], "friend_person_id": self.ids[friend]}
        referral: dict[str, Any] = self.admin.post(REFERRALS, claim)
        self.ids["referral"] = referral["id"]
        return {**issued, **referral}

    def give(self, points: int, until: datetime) -> dict[str, Any]:
        """Points by hand, which are to be used soon."""
        body = {
            "member_id": self.ids["member"],
            "points": points,
            "reason": "The machine was out of order",
            "expires_at": until.isoformat(),
        }
        made: dict[str, Any] = self.admin.post("/v1/loyalty/adjustments", body)
        return made

    def celebrated(self) -> dict[str, Any]:
        """Lin Mei's birthday, once it was kept. Raises `TimeoutError`."""
        left = (self.club.celebrates_at - datetime.now(UTC)).total_seconds()
        asked = {"member_id": self.ids["member"]}
        kept: list[dict[str, Any]] = once(
            lambda: list(self.admin.get("/v1/loyalty/celebrations", **asked)["items"]),
            bool,
            "the birthday",
            seconds=max(left, 0) + _PATIENCE,
        )
        return kept[0]


def once(
    ask: Callable[[], T],
    enough: Callable[[T], bool],
    what: str,
    *,
    seconds: float = _PATIENCE,
) -> T:
    """What is answered as soon as it is enough. Raises `TimeoutError` that names what is missing."""
    told: list[T] = []

    def is_there() -> bool:
        told[:] = [ask()]
        return enough(told[0])

    if not wait_until(is_there, seconds):
        raise TimeoutError(f"{what}: not within {seconds:.0f} s, but {told}")
    return told[0]
