"""Members whose points a test moves through the ledger's operations, and what there is of them then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID, uuid4

from chassis.context import Caller, service_caller
from chassis.storage.scope import EVERYTHING
from chassis.testing.client import ApiClient
from loyalty.ledger import operations
from loyalty.ledger.domain import Balances, Cause, Posting
from loyalty.ledger.queries import balance
from services.loyalty.tests.builders import Loyalty, create_program, enrol

R = TypeVar("R")


class Points:
    """The ledger of one tenant, with a program, as other slices use it."""

    def __init__(self, loyalty: Loyalty, app: ApiClient, **policies: Mapping[str, Any]) -> None:
        assert app.tenant_id is not None
        self.loyalty, self.app, self.tenant_id = loyalty, app, app.tenant_id
        self.program = create_program(app, policies=policies)

    def member(self, person_id: UUID | None = None) -> UUID:
        """Somebody who has just joined."""
        return UUID(enrol(self.app, self.program, person_id or uuid4())["id"])

    def run(self, operation: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """What an operation gives, run and committed."""
        caller = service_caller("loyalty", self.tenant_id)
        return self.loyalty.service.operations.run(caller, operation, *args, **kwargs)

    def read(self, query: Callable[..., R], *args: Any) -> R:
        """What a query gives."""
        caller = Caller(self.tenant_id, "test")
        return self.loyalty.service.operations.read(caller, EVERYTHING, query, *args)

    def earn(self, member_id: UUID, points: int, key: str = "", **more: Any) -> Posting:
        """Points for a purchase."""
        cause = Cause("earning", key or str(uuid4()))
        return self.run(operations.earn, member_id, points, cause, **more)

    def spend(self, member_id: UUID, points: int, key: str = "") -> Posting:
        """Points spent at once."""
        return self.run(
            operations.spend, member_id, points, Cause("redemption", key or str(uuid4()))
        )

    def reserve(self, member_id: UUID, points: int, key: str) -> Posting:
        """Points held."""
        return self.run(operations.reserve, member_id, points, Cause("reservation", key))

    def redeem(self, member_id: UUID, reservation: str, key: str) -> Posting:
        """Held points spent."""
        causes = Cause("reservation", reservation), Cause("redemption", key)
        return self.run(operations.redeem_reserved, member_id, *causes)

    def cancel(self, member_id: UUID, reservation: str, key: str) -> Posting:
        """Held points set free."""
        causes = Cause("reservation", reservation), Cause("cancellation", key)
        return self.run(operations.cancel_reservation, member_id, *causes)

    def reverse(
        self, member_id: UUID, earning: str, key: str, points: int | None = None
    ) -> Posting:
        """Earned points taken back."""
        cause = Cause("refund", key)
        return self.run(operations.reverse, member_id, Cause("earning", earning), points, cause)

    def restore(
        self, member_id: UUID, redemption: str, key: str, points: int | None = None
    ) -> Posting:
        """Spent points given back."""
        cause = Cause("return", key)
        spent = Cause("redemption", redemption)
        return self.run(operations.restore, member_id, spent, points, cause)

    def has(self, member_id: UUID) -> Balances:
        """What a member has."""
        return self.read(balance, member_id)

    def free(self, member_id: UUID) -> int:
        """How many points a member can spend."""
        return self.has(member_id).available
