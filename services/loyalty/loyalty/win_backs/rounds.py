"""Makes the offers of win-backs, each once for each time that a customer is away, and sees who comes back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from chassis.domain import DomainError
from chassis.storage.statements import Statement
from chassis.work.timers import Timer, set_timer
from loyalty.coupons.domain import IssueCause
from loyalty.coupons.operations import issue_coupon
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import earn
from loyalty.messages.domain import MessageAsked, request_id_of
from loyalty.transaction import LoyaltyTx
from loyalty.win_backs.domain import (
    OfferKind,
    WinBack,
    WinBackSent,
    WinBackStatus,
    WinBackWon,
    is_held_out,
)
from loyalty.win_backs.operations import WIN_BACK_ROUND

log = logging.getLogger("loyalty.win_backs")

_BATCH = 50
_CAUSE = "win_back"


def begin_rounds(tx: LoyaltyTx) -> None:
    """Have every win-back that runs look at who is away by now; the one defined first goes first."""
    now, running = tx.clock.now(), tx.fetch_all(_RUNNING, {"tenant_id": tx.tenant_id})
    for place, row in enumerate(running):
        # Due already, and each a little later than the one before: timers fire in this order.
        due_at = now - timedelta(microseconds=len(running) - place)
        set_timer(tx, WIN_BACK_ROUND, str(row["id"]), due_at, {"after": None})


def round_is_due(tx: LoyaltyTx, timer: Timer) -> None:
    """Make the offer to the next fifty who are away, members in the order of their ids, and go on."""
    win_back = tx.win_backs.get(UUID(timer.key))
    if win_back.status is not WinBackStatus.RUNNING:
        return
    # Two rounds at once would not see each other's offers to somebody who is to get one at most.
    tx.fetch_one(_TAKE_TURNS, {"tenant_id": tx.tenant_id})
    tx.bulk = True
    found = tx.fetch_all(_AWAY, _asked(tx, win_back, timer.data["after"]))
    for row in found:
        try:
            tx.apart(partial(_offer, tx, win_back, row))
        except DomainError as error:
            about = {"win_back_id": str(win_back.id), "member_id": str(row["member_id"])}
            log.warning("offer not made", extra={**about, "code": error.code})
    if len(found) == _BATCH:
        after = {"after": str(found[-1]["member_id"])}
        set_timer(tx, WIN_BACK_ROUND, timer.key, tx.clock.now(), after)


def hear(tx: LoyaltyTx, happening: Happening) -> None:
    """Tell, once for each offer, that somebody who was made one has bought in time."""
    if happening.kind is not HappeningKind.ORDER_DELIVERED:
        return
    about = {
        "tenant_id": tx.tenant_id,
        "person_id": happening.person_id,
        "at": happening.happened_at,
    }
    for row in tx.fetch_all(_WON, about):
        if not row["held_out"]:
            fact = WinBackWon(
                offer_id=row["id"],
                win_back_id=row["win_back_id"],
                person_id=happening.person_id,
                won_at=happening.happened_at,
                revenue=happening.value,
            )
            tx.publish(fact, row["id"], row["version"])


def _asked(tx: LoyaltyTx, win_back: WinBack, after: str | None) -> dict[str, Any]:
    audience, now = win_back.plan.audience, tx.clock.now()
    return {
        "tenant_id": tx.tenant_id,
        "win_back_id": win_back.id,
        "program_id": win_back.program_id,
        "states": list(audience.states),
        "value_bands": list(audience.value_bands) or None,
        "away_since": now - timedelta(days=audience.wait_days),
        "no_offer_since": now - timedelta(days=audience.between_days),
        "after": after,
        "limit": _BATCH,
    }


def _offer(tx: LoyaltyTx, win_back: WinBack, row: Mapping[str, Any]) -> None:
    """Note an offer and carry it out, unless this time away has had it."""
    now, offer_id = tx.clock.now(), tx.ids.new()
    counts_until = now + timedelta(days=win_back.plan.counts_days)
    held_out = is_held_out(win_back.id, row["person_id"], win_back.plan.audience.control_percent)
    noted = tx.fetch_one(
        _NOTE,
        {
            **row,
            "tenant_id": tx.tenant_id,
            "id": offer_id,
            "win_back_id": win_back.id,
            "held_out": held_out,
            "made_at": now,
            "counts_until": counts_until,
        },
    )
    if noted is None or held_out:
        return
    coupon_id = _carry_out(tx, win_back, offer_id, row)
    fact = WinBackSent(
        offer_id=offer_id,
        win_back_id=win_back.id,
        person_id=row["person_id"],
        member_id=row["member_id"],
        kind=win_back.plan.offer.kind,
        sent_at=now,
        counts_until=counts_until,
        coupon_id=coupon_id,
    )
    tx.publish(fact, offer_id, 1)
    if win_back.plan.offer.template:
        tx.publish(_message(win_back, offer_id, row, fact), offer_id, 1)


def _carry_out(
    tx: LoyaltyTx, win_back: WinBack, offer_id: UUID, row: Mapping[str, Any]
) -> UUID | None:
    """Give what is offered; the coupon's id if it is one. Raises what ledger and coupons raise."""
    offer = win_back.plan.offer
    if offer.kind is OfferKind.POINTS and offer.points is not None:
        expires_at = None
        if offer.points_days is not None:
            expires_at = tx.clock.now() + timedelta(days=offer.points_days)
        cause = Cause(_CAUSE, str(offer_id))
        earn(tx, row["member_id"], offer.points, cause, expires_at=expires_at)
    if offer.pool_id is None:
        return None
    coupon = issue_coupon(tx, offer.pool_id, row["person_id"], IssueCause(_CAUSE, str(offer_id)))
    tx.write(_COUPON, {"tenant_id": tx.tenant_id, "id": offer_id, "coupon_id": coupon.id})
    return coupon.id


def _message(
    win_back: WinBack, offer_id: UUID, row: Mapping[str, Any], sent: WinBackSent
) -> MessageAsked:
    offer = win_back.plan.offer
    variables: dict[str, str | int] = {"counts_until": sent.counts_until.isoformat()}
    if offer.points is not None:
        variables["points"] = offer.points
    return MessageAsked(
        request_id=request_id_of(offer_id, _CAUSE),
        person_id=row["person_id"],
        template=offer.template,
        purpose=offer.purpose,
        variables=variables,
        expires_at=sent.counts_until,
    )


_RUNNING = Statement(
    "SELECT id FROM win_backs WHERE tenant_id = %(tenant_id)s AND status = 'running' ORDER BY id"
)
_TAKE_TURNS = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('win-backs of ' || %(tenant_id)s::text, 0))"
)
# What was offered since they last bought was offered for this time away, also where that turns out to
# have begun at another time, as when the last purchase is paid back.
_AWAY = Statement(
    "SELECT m.id AS member_id, m.person_id, c.id AS customer_id, c.last_bought_at AS absent_since,"
    " c.state, c.value_band FROM members m JOIN retention_customers c"
    " ON c.tenant_id = m.tenant_id AND c.person_id = m.person_id"
    " WHERE m.tenant_id = %(tenant_id)s AND m.program_id = %(program_id)s AND m.status = 'active'"
    " AND m.id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')"
    " AND c.state = ANY(%(states)s) AND c.state_since <= %(away_since)s"
    " AND (%(value_bands)s::text[] IS NULL OR c.value_band = ANY(%(value_bands)s::text[]))"
    " AND NOT EXISTS (SELECT FROM win_back_offers o WHERE o.tenant_id = m.tenant_id"
    " AND o.person_id = m.person_id AND (o.made_at > %(no_offer_since)s"
    " OR (o.win_back_id = %(win_back_id)s AND o.made_at >= c.last_bought_at)))"
    " ORDER BY m.id LIMIT %(limit)s"
)
_NOTE = Statement(
    "INSERT INTO win_back_offers (tenant_id, id, version, win_back_id, person_id, member_id,"
    " customer_id, buyer_id, absent_since, state, value_band, held_out, made_at, counts_until)"
    " VALUES (%(tenant_id)s, %(id)s, 1, %(win_back_id)s, %(person_id)s, %(member_id)s,"
    " %(customer_id)s, %(customer_id)s, %(absent_since)s, %(state)s, %(value_band)s, %(held_out)s,"
    " %(made_at)s, %(counts_until)s)"
    " ON CONFLICT (tenant_id, win_back_id, customer_id, absent_since) DO NOTHING RETURNING id"
)
_COUPON = Statement(
    "UPDATE win_back_offers SET coupon_id = %(coupon_id)s"
    " WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_WON = Statement(
    "UPDATE win_back_offers SET won_at = %(at)s, version = version + 1"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s AND won_at IS NULL"
    " AND made_at <= %(at)s AND counts_until >= %(at)s RETURNING id, version, win_back_id, held_out"
)
