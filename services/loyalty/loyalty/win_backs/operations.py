"""What administrators and merges do to win-backs; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from chassis.storage.statements import Statement
from chassis.work.timers import cancel_timer, set_timer
from loyalty.coupon_pools.queries import find_pool
from loyalty.programs.queries import program
from loyalty.retention.operations import require_defined
from loyalty.transaction import LoyaltyTx
from loyalty.win_backs.domain import Plan, WinBack, WinBackStatus

WIN_BACK_ROUND = "win_back_round"
"""Makes the offers of a win-back, whose id is the key; its data says after whom it goes on."""


def define_win_back(tx: LoyaltyTx, program_id: UUID, plan: Plan) -> WinBack:
    """Define a win-back that has not begun. Raises `NotFound` for the program, `Invalid`."""
    program(tx, program_id)
    now = tx.clock.now()
    win_back = WinBack(
        id=tx.ids.new(),
        program_id=program_id,
        plan=plan,
        status=WinBackStatus.DRAFT,
        created_at=now,
        updated_at=now,
    )
    win_back.define()
    _require_pool(tx, win_back)
    tx.win_backs.add(win_back)
    return win_back


def change_win_back(tx: LoyaltyTx, win_back_id: UUID, plan: Plan) -> WinBack:
    """Say otherwise what is offered to whom. Raises `NotFound`, `Invalid`, `Conflict` once begun."""
    win_back = tx.win_backs.get(win_back_id)
    win_back.change(plan, tx.clock.now())
    _require_pool(tx, win_back)
    return win_back


def begin_win_back(tx: LoyaltyTx, win_back_id: UUID) -> WinBack:
    """Make offers from now on: to who is away by now at once, to others day by day.

    Raises `NotFound`, `Conflict` once it has ended, or where the tenant has not said who is lost.
    """
    win_back = tx.win_backs.get(win_back_id)
    require_defined(tx)
    pool_id = win_back.plan.offer.pool_id
    if pool_id is not None:
        pool = find_pool(tx, pool_id)
        if pool.state != "active":
            raise Conflict("The pool is not active.", code="coupon_pool_not_active")
    win_back.begin(tx.clock.now())
    set_timer(tx, WIN_BACK_ROUND, str(win_back.id), tx.clock.now(), {"after": None})
    return win_back


def end_win_back(tx: LoyaltyTx, win_back_id: UUID) -> WinBack:
    """Make no further offers; those that were made are counted on. Raises `NotFound`."""
    win_back = tx.win_backs.get(win_back_id)
    win_back.end(tx.clock.now())
    cancel_timer(tx, WIN_BACK_ROUND, str(win_back.id))
    return win_back


def offers_follow_people(tx: LoyaltyTx, person_ids: Sequence[UUID]) -> None:
    """Have offers to people look at what they buy as whoever they are now: two became one, say."""
    tx.write(_FOLLOW, {"tenant_id": tx.tenant_id, "person_ids": list(person_ids)})


def _require_pool(tx: LoyaltyTx, win_back: WinBack) -> None:
    pool_id = win_back.plan.offer.pool_id
    if pool_id is None:
        return
    try:
        found = find_pool(tx, pool_id)
    except NotFound:
        found = None
    if found is None or found.program_id != win_back.program_id:
        message = f"The program has no pool {pool_id}."
        raise Invalid.at("/offer/pool_id", "coupon_pool_unknown", message)


_FOLLOW = Statement(
    "UPDATE win_back_offers AS o SET buyer_id = c.id FROM retention_customers c"
    " WHERE o.tenant_id = %(tenant_id)s AND o.person_id = ANY(%(person_ids)s)"
    " AND c.tenant_id = o.tenant_id AND c.person_id = o.person_id AND o.buyer_id <> c.id"
)
