"""Rewards, members with points, and what they have for them, as apps and tills go about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from chassis.testing.client import ApiAnswer
from loyalty.ledger.domain import Balances
from services.loyalty.tests.builders import good
from services.loyalty.tests.ledgering import Points

REWARDS = "/v1/loyalty/rewards"
REDEMPTIONS = "/v1/loyalty/redemptions"


class Shop(Points):
    """A tenant with a program, whose members have rewards for points."""

    def draft(self, **more: Any) -> dict[str, Any]:
        """A drafted reward of 100 points."""
        body = {"program_id": self.program["id"], "name": {"en": "Mug"}, "points": 100, **more}
        return good(self.app.post(REWARDS, body))

    def reward(self, *, stock: int | None = None, **more: Any) -> dict[str, Any]:
        """An active reward of 100 points; with so many pieces in one stock, or without end."""
        stocking = {} if stock is None else {"stocking": "total"}
        path = f"{REWARDS}/{self.draft(**stocking, **more)['id']}"
        if stock:
            self.put_in(path, stock)
        return good(self.app.post(f"{path}/activate"))

    def put_in(self, path: str, pieces: int, branch: str = "") -> dict[str, Any]:
        """Put pieces in stock."""
        body = {"change": pieces, "branch": branch, "reason": "Delivery"}
        return good(self.app.post(f"{path}/stock-changes", body))

    def left(self, reward: dict[str, Any]) -> dict[str, int]:
        """How many pieces can be reserved, by branch."""
        stock = good(self.app.get(f"{REWARDS}/{reward['id']}"))["stock"]
        return {one["branch"]: one["available"] for one in stock}

    def rich(self, points: int = 1000, person_id: UUID | None = None) -> UUID:
        """A member with points."""
        member_id = self.member(person_id or uuid4())
        self.earn(member_id, points)
        return member_id

    def ask(self, reward: dict[str, Any], member_id: UUID, **more: Any) -> ApiAnswer:
        """Reserve a reward for a member."""
        body = {"reward_id": reward["id"], "member_id": str(member_id), **more}
        return self.app.post(REDEMPTIONS, body)

    def reserved(self, reward: dict[str, Any], member_id: UUID, **more: Any) -> dict[str, Any]:
        """A reservation, with its code."""
        return good(self.ask(reward, member_id, **more))

    def do(self, redemption: dict[str, Any], verb: str, **body: Any) -> ApiAnswer:
        """Do something about a redemption."""
        return self.app.post(f"{REDEMPTIONS}/{redemption['id']}/{verb}", body or None)

    def collect(self, code: str, branch: str = "") -> ApiAnswer:
        """Show a code in a branch."""
        return self.app.post(f"{REDEMPTIONS}/collect", {"code": code, "branch": branch})

    def now(self, redemption: dict[str, Any]) -> dict[str, Any]:
        """A redemption as it is now."""
        return good(self.app.get(f"{REDEMPTIONS}/{redemption['id']}"))


def held(balances: Balances) -> tuple[int, int, int]:
    """Points available, reserved and redeemed."""
    return balances.available, balances.reserved, balances.redeemed
