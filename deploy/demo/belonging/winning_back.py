"""Customers of a record shop who drift away, and what brings some of them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deploy.demo.belonging import definitions as defined
from deploy.demo.belonging.club import LONG_AGO, POOLS, Club, wanted
from deploy.demo.belonging.membership import once

CUSTOMERS = "/v1/loyalty/customers"
WIN_BACKS = "/v1/loyalty/win-backs"
COUPONS = "/v1/loyalty/coupons"
CODES = "/v1/loyalty/coupon-codes"
DEFINITION = "/v1/loyalty/retention-definition"
MEMBERS = "/v1/loyalty/members"


@dataclass
class WinningBack:
    """Who drifts away of a club whose members have bought, and an offer to come back."""

    club: Club
    pool: str = ""
    win_back: str = ""

    def define(self, **cycles: int) -> None:
        """Say who drifts: who has not bought for half as long again as people of the category do.

        `cycles` says in how many days, by category; else the tenant's own purchases do.
        """
        body = {"drift_factor": "1.5", "lapse_factor": "3", "cycles": cycles}
        self.club.admin.put(DEFINITION, body)

    def join(self, people: Mapping[str, str]) -> None:
        """Have people be members since long ago, so that what they bought since counts."""
        since = (datetime.now(UTC) - LONG_AGO).isoformat()
        items = [
            wanted(self.club, {"person_id": one, "enrolled_at": since}) for one in people.values()
        ]
        self.club.admin.post(f"{MEMBERS}/batch", {"atomic": True, "items": items})

    def customers(self, **asked: Any) -> list[dict[str, Any]]:
        """Customers and how they stand."""
        found: list[dict[str, Any]] = self.club.admin.get(CUSTOMERS, page_size=200, **asked)[
            "items"
        ]
        return found

    def counted(self, people: int) -> None:
        """Wait until so many have bought and are judged. Raises `TimeoutError`."""
        once(lambda: len(self.customers()), lambda many: many >= people, f"{people} customers")

    def away(self) -> list[dict[str, Any]]:
        """Who drifts away or is lost, once anybody is. Raises `TimeoutError`."""
        states = {"state[in]": "drifting,lapsed"}
        return once(lambda: self.customers(**states), bool, "somebody who drifts away")

    def begin(self) -> dict[str, Any]:
        """Offer them a coupon; a tenth is held out. Gives the result once somebody was offered it."""
        admin = self.club.admin
        self.pool = str(admin.post(POOLS, wanted(self.club, defined.COME_BACK))["id"])
        admin.post(f"{POOLS}/{self.pool}/activate")
        body = {**defined.WIN_BACK, "offer": {"kind": "coupon", "pool_id": self.pool}}
        self.win_back = str(admin.post(WIN_BACKS, wanted(self.club, body))["id"])
        admin.post(f"{WIN_BACKS}/{self.win_back}/begin")
        return once(
            self.result, lambda told: bool(told["offered"]["customers"]), "somebody with an offer"
        )

    def result(self) -> dict[str, Any]:
        """What came of it so far."""
        told: dict[str, Any] = self.club.admin.get(f"{WIN_BACKS}/{self.win_back}/result")
        return told

    def coupon(self) -> dict[str, Any]:
        """A coupon that somebody got, with its code, once there is one. Raises `TimeoutError`."""
        asked = {"coupon_pool_id": self.pool}
        found = once(
            lambda: list(self.club.admin.get(CODES, **asked)["items"]),
            bool,
            "a coupon of the offer",
        )
        coupon: dict[str, Any] = found[0]
        return coupon

    def purchase(self, coupon: dict[str, Any], amount: str, reference: str) -> dict[str, Any]:
        """A basket of discs at which a coupon is shown."""
        line = {"line_id": "1", "sku": "CD", "category": "music", "total": amount}
        return {
            "codes": [coupon["code"]],
            "currency": defined.CURRENCY,
            "lines": [line],
            "person_id": coupon["person_id"],
            "order_reference": reference,
        }
