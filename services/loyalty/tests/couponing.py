"""Pools, coupons and baskets for tests, as apps and tills make them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from chassis.testing.client import ApiAnswer, ApiClient
from services.loyalty.tests.builders import create_program, good

POOLS = "/v1/loyalty/coupon-pools"
BATCHES = "/v1/loyalty/coupon-batches"
COUPONS = "/v1/loyalty/coupons"
CODES = "/v1/loyalty/coupon-codes"
USES = "/v1/loyalty/coupon-uses"

TEN_PERCENT = {"kind": "percent_off", "percent": "10"}


def dollars(amount: str) -> dict[str, str]:
    """An amount in Taiwan dollars."""
    return {"amount": amount, "currency": "TWD"}


def off(amount: str) -> dict[str, Any]:
    """A benefit of so much off."""
    return {"kind": "amount_off", "amount": dollars(amount)}


def line(total: str, line_id: str = "1", **more: Any) -> dict[str, Any]:
    """A line of a basket."""
    return {"line_id": line_id, "sku": "BEANS", "category": "coffee", "total": total, **more}


class Till:
    """A tenant that sells, with a program, and what it does with coupons."""

    def __init__(self, app: ApiClient) -> None:
        self.app = app
        self.program = create_program(app)

    def pool(self, benefit: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """An active pool; 10 % off unless told otherwise."""
        body = {
            "program_id": self.program["id"],
            "name": {"en": "Offer"},
            "benefit": benefit or TEN_PERCENT,
            **more,
        }
        draft = good(self.app.post(POOLS, body))
        return good(self.app.post(f"{POOLS}/{draft['id']}/activate"))

    def public(self, code: str, benefit: dict[str, Any] | None = None, **more: Any) -> Any:
        """An active pool with one code for everybody."""
        return self.pool(benefit, kind="public", public_code=code, **more)

    def issue(self, pool: dict[str, Any], person_id: UUID | None = None) -> str:
        """The code of a coupon that was issued to a person."""
        body = {"coupon_pool_id": pool["id"], "person_id": str(person_id or uuid4())}
        coupon = good(self.app.post(COUPONS, body))
        return str(good(self.app.get(f"{CODES}/{coupon['id']}"))["code"])

    def validate(self, *codes: str, **more: Any) -> dict[str, Any]:
        """What would become of codes at a basket of 1,000 dollars of beans, unless told otherwise."""
        return good(self.app.post(f"{COUPONS}/validate", basket(*codes, **more)))

    def why_not(self, *codes: str, **more: Any) -> list[str | None]:
        """Why codes would be refused, one by one; None for those that would not."""
        told = self.validate(*codes, **more)["coupons"]
        return [None if one["valid"] else one["reason"]["code"] for one in told]

    def redeem(self, *codes: str, order: str, **more: Any) -> ApiAnswer:
        """Use codes at an order."""
        return self.app.post(f"{COUPONS}/redeem", basket(*codes, order_reference=order, **more))

    def roll_back(self, order: str, **more: Any) -> ApiAnswer:
        """Take back what was used at an order."""
        return self.app.post(f"{COUPONS}/roll-back", {"order_reference": order, **more})


def basket(*codes: str, **more: Any) -> dict[str, Any]:
    """Codes that are shown at a basket."""
    return {"codes": list(codes), "currency": "TWD", "lines": [line("1000")], **more}
