"""What a pool of coupons may be, and for how long its coupons are valid, without any input or output (LO-7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from chassis.domain import Conflict, Invalid
from chassis.money import money
from loyalty.coupon_pools.domain import (
    CouponPool,
    CouponPoolActivated,
    CouponPoolDrafted,
    CouponPoolEnded,
    CouponPoolPaused,
    IssuedOn,
    Limits,
    PoolKind,
    PoolState,
    PoolTerms,
    Validity,
)
from loyalty.discounts.domain import Benefit, BenefitKind

NOW = datetime(2031, 1, 1, tzinfo=UTC)
TEN_OFF = Benefit(BenefitKind.AMOUNT_OFF, amount=money("10", "TWD"))


def pool(
    benefit: Benefit = TEN_OFF, kind: PoolKind = PoolKind.CODES, code: str = "", **terms: Any
) -> CouponPool:
    """A pool that was not drafted yet."""
    return CouponPool(
        id=UUID(int=1),
        program_id=UUID(int=2),
        kind=kind,
        public_code=code,
        benefit=benefit,
        terms=PoolTerms(name={"en": "Ten off"}, **terms),
        state=PoolState.DRAFT,
        created_at=NOW,
        updated_at=NOW,
    )


def pointers(one: CouponPool) -> list[str]:
    """What is wrong with a pool."""
    with pytest.raises(Invalid) as refused:
        one.draft()
    assert one.recorded == []
    return [violation.pointer for violation in refused.value.violations]


def test_a_pool_goes_from_draft_to_its_end() -> None:
    one = pool()
    one.draft()
    one.activate(NOW)
    one.activate(NOW)
    one.pause(NOW)
    one.activate(NOW)
    one.end(NOW)
    one.end(NOW)
    assert [type(recorded.fact) for recorded in one.recorded] == [
        CouponPoolDrafted,
        CouponPoolActivated,
        CouponPoolPaused,
        CouponPoolActivated,
        CouponPoolEnded,
    ]
    for step in (one.activate, one.pause):
        with pytest.raises(Conflict):
            step(NOW)


def test_what_was_promised_stays() -> None:
    one = pool()
    one.draft()
    more = replace(TEN_OFF, amount=money("20", "TWD"))
    one.change(more, one.terms, NOW)
    one.activate(NOW)
    with pytest.raises(Conflict) as refused:
        one.change(TEN_OFF, one.terms, NOW)
    assert refused.value.code == "coupon_benefit_settled"
    one.change(more, replace(one.terms, campaign="spring"), NOW)
    assert one.terms.campaign == "spring"


@pytest.mark.parametrize(
    ("benefit", "wrong"),
    [
        (Benefit(BenefitKind.AMOUNT_OFF), ["/benefit/amount"]),
        (Benefit(BenefitKind.AMOUNT_OFF, amount=money("0", "TWD")), ["/benefit/amount/amount"]),
        (replace(TEN_OFF, points=5), ["/benefit/points"]),
        (Benefit(BenefitKind.PERCENT_OFF, amount=money("1", "TWD")), ["/benefit/percent"]),
        (Benefit(BenefitKind.FREE_ITEM), ["/benefit/skus"]),
        (Benefit(BenefitKind.GIFT, points=1), ["/benefit/gift", "/benefit/points"]),
        (Benefit(BenefitKind.POINTS), ["/benefit/points"]),
    ],
)
def test_each_benefit_needs_its_own_and_takes_nothing_else(
    benefit: Benefit, wrong: list[str]
) -> None:
    assert pointers(pool(benefit)) == wrong


@pytest.mark.parametrize(
    ("one", "wrong"),
    [
        (pool(kind=PoolKind.PUBLIC), ["/public_code"]),
        (pool(kind=PoolKind.PUBLIC, code="ABC"), ["/public_code"]),
        (pool(kind=PoolKind.PUBLIC, code="spring"), ["/public_code"]),
        (pool(code="SPRING"), ["/public_code"]),
        (
            pool(kind=PoolKind.PUBLIC, code="SPRING", validity=Validity(days=3)),
            ["/valid_days"],
        ),
        (
            pool(kind=PoolKind.PUBLIC, code="SPRING", issued_on=IssuedOn.ENROLLED),
            ["/kind"],
        ),
        (pool(kind=PoolKind.PUBLIC, code="SPRING", limits=Limits(personal=True)), ["/kind"]),
        (pool(validity=Validity(date(2031, 2, 1), date(2031, 1, 31))), ["/valid_until"]),
    ],
)
def test_what_does_not_go_together_is_refused(one: CouponPool, wrong: list[str]) -> None:
    assert pointers(one) == wrong


def test_days_are_whole_days_where_the_holder_is() -> None:
    taipei, valid = ZoneInfo("Asia/Taipei"), Validity(date(2031, 1, 1), date(2031, 1, 31))
    assert valid.begins_at(taipei) == datetime(2030, 12, 31, 16, tzinfo=UTC)
    assert valid.ends_at(taipei) == datetime(2031, 1, 31, 16, tzinfo=UTC)


def test_days_count_from_the_day_of_issue_where_the_holder_is() -> None:
    valid = Validity(days=30)
    issued = datetime(2031, 1, 1, 20, tzinfo=UTC)
    assert valid.runs_out_at(issued, ZoneInfo("UTC")) == datetime(2031, 2, 1, tzinfo=UTC)
    taipei = valid.runs_out_at(issued, ZoneInfo("Asia/Taipei"))
    assert taipei == datetime(2031, 2, 1, 16, tzinfo=UTC), "it was the 2nd there already"


def test_a_day_on_which_clocks_change_has_its_own_length() -> None:
    berlin, day = ZoneInfo("Europe/Berlin"), date(2031, 3, 30)
    valid = Validity(day, day)
    begins, ends = valid.begins_at(berlin), valid.ends_at(berlin)
    assert begins is not None
    assert ends is not None
    assert ends - begins == timedelta(hours=23)


def test_a_day_without_midnight_begins_when_the_clocks_are_moved() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    assert Validity(date(2024, 3, 31)).begins_at(beirut) == datetime(2024, 3, 30, 22, tzinfo=UTC)


def test_29_february_is_a_day_like_any_other() -> None:
    issued = datetime(2028, 2, 28, 12, tzinfo=UTC)
    assert Validity(days=1).runs_out_at(issued, ZoneInfo("UTC")) == datetime(2028, 3, 1, tzinfo=UTC)
