"""Makes coupons with codes of their own; what is kept of a code can be read by us alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.sealing import Sealer
from loyalty.codes.domain import LONG, digest_of
from loyalty.codes.generation import new_code
from loyalty.coupon_pools.domain import CouponPool, PoolKind
from loyalty.coupons.domain import CODE_PURPOSE, CodeKept, Coupon
from loyalty.transaction import LoyaltyTx

_SHOWN = 4


def sealed_code(sealer: Sealer, tenant_id: UUID, coupon_id: UUID, code: str) -> CodeKept:
    """What is kept of a code in its normal form. Sealed for its coupon, it opens for no other."""
    digest = digest_of(CODE_PURPOSE, tenant_id, code)
    return CodeKept(digest, sealer.seal(code.encode(), _context(coupon_id)), code[-_SHOWN:])


def code_of(sealer: Sealer, coupon: Coupon) -> str:
    """A coupon's code as people see it. Raises `CannotUnseal`."""
    code = sealer.open(coupon.code.sealed, _context(coupon.id)).decode()
    return LONG.written(code) if LONG.fits(code) else code


def blank_coupon(tx: LoyaltyTx, pool: CouponPool, now: datetime) -> Coupon:
    """A coupon of a pool with a new code, which is nobody's yet."""
    return _coupon(tx, pool, new_code(), now)


def public_coupon(tx: LoyaltyTx, pool: CouponPool) -> Coupon:
    """The one coupon of a public pool, which is everybody's."""
    coupon = _coupon(tx, pool, pool.public_code, pool.created_at)
    coupon.come_about()
    return coupon


def _coupon(tx: LoyaltyTx, pool: CouponPool, code: str, now: datetime) -> Coupon:
    coupon_id = tx.ids.new()
    return Coupon(
        id=coupon_id,
        pool_id=pool.id,
        code=sealed_code(tx.secrecy.sealer, tx.tenant_id, coupon_id, code),
        most_uses=None if pool.kind is PoolKind.PUBLIC else pool.terms.limits.uses_per_code,
        created_at=now,
        updated_at=now,
    )


def _context(coupon_id: UUID) -> str:
    return f"coupon {coupon_id}"
