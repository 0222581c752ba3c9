"""How records of what members get are made for the estate: coupons, their codes and uses, rewards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from chassis.context import Caller
from chassis.testing.client import ApiAnswer
from loyalty.coupon_batches.jobs import make_codes
from loyalty.coupon_pools.queries import find_pool
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import earn
from loyalty.transaction import LoyaltyTx

_NAME = {"en": "Amphitrite"}
"""The estate's mark, as a name."""
_COUPONS = "/v1/loyalty/coupons"


def rewarding_recipes(
    posted: Callable[..., Any], good: Callable[[ApiAnswer, str], ApiAnswer]
) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""
    coupon = posted(
        _COUPONS,
        coupon_pool_id=lambda owned: owned.ids["coupon_pool_id"],
        person_id=lambda owned: owned.ids["person_id"],
    )

    def coupon_use(owned: Any) -> str:
        """A coupon that was used at an order."""
        owner = owned.owner("loyalty")
        codes = f"/v1/loyalty/coupon-codes/{coupon(owned)}"
        body = {
            "codes": [good(owner.get(codes), codes).json["code"]],
            "order_reference": _NAME["en"],
            "currency": "TWD",
            "lines": [{"line_id": "1", "total": "100"}],
        }
        path = f"{_COUPONS}/redeem"
        return str(good(owner.post(path, body), path).json["uses"][0]["id"])

    return {
        "coupon_pool_id": _activated(
            good,
            "/v1/loyalty/coupon-pools",
            campaign=_NAME["en"],
            benefit={"kind": "gift", "gift": _NAME},
        ),
        "coupon_batch_id": _batch(good),
        "coupon_id": coupon,
        "coupon_use_id": coupon_use,
        "reward_id": _activated(good, "/v1/loyalty/rewards", points=1),
        "redemption_id": _redemption(posted),
    }


def _activated(good: Callable[[ApiAnswer, str], ApiAnswer], path: str, **body: Any) -> Any:
    """What is drafted in the program, and activated."""

    def recipe(owned: Any) -> str:
        owner = owned.owner("loyalty")
        drafted = {"program_id": owned.ids["program_id"], "name": _NAME, **body}
        record_id = str(good(owner.post(path, drafted), path).json["id"])
        good(owner.post(f"{path}/{record_id}/activate"), path)
        return record_id

    return recipe


def _batch(good: Callable[[ApiAnswer, str], ApiAnswer]) -> Any:
    """A batch whose code was made, as the job would; the job is called as that of contacts is."""

    def recipe(owned: Any) -> str:
        owner, path = owned.owner("loyalty"), "/v1/loyalty/coupon-batches"
        body = {"coupon_pool_id": owned.ids["coupon_pool_id"], "count": 1}
        batch = good(owner.post(path, body), path).json
        under_test = owned.services["loyalty"]

        def make(tx: LoyaltyTx) -> None:
            ordered = tx.coupon_batches.get(UUID(batch["id"]))
            make_codes(tx, find_pool(tx, ordered.pool_id), ordered.id, ordered.count)
            ordered.complete(tx.clock.now())

        operations = under_test.harness.service.operations
        operations.run(Caller(owned.tenant_id, "test"), make)
        renamed = (owned.ids["job_id"], batch["job_id"])
        under_test.superuser.execute("UPDATE jobs SET id = %s WHERE id = %s", renamed)
        return str(batch["id"])

    return recipe


def _redemption(posted: Callable[..., Any]) -> Any:
    """A reward that is held for the member."""
    reserved = posted(
        "/v1/loyalty/redemptions",
        reward_id=lambda owned: owned.ids["reward_id"],
        member_id=lambda owned: owned.ids["member_id"],
    )

    def recipe(owned: Any) -> str:
        def give(tx: LoyaltyTx) -> None:
            earn(tx, UUID(owned.ids["member_id"]), 10, Cause("earning", "estate"))

        operations = owned.services["loyalty"].harness.service.operations
        operations.run(Caller(owned.tenant_id, "test"), give)
        return str(reserved(owned))

    return recipe
