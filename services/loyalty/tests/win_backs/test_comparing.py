"""How much better an offer does than nothing, and how sure that is; and who is held out."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.win_backs.comparing import Group, extra_revenue, uplift_of, wilson
from loyalty.win_backs.domain import is_held_out

WIN_BACK = UUID(int=7)
NAMES = UUID(int=8)


def group(customers: int, returned: int, revenue: str = "0") -> Group:
    return Group(customers, returned, Decimal(revenue))


def test_the_interval_is_the_published_one() -> None:
    """Newcombe 1998, table II, contrast (a): 56/70 against 48/80 gives 0.0524 to 0.3339."""
    found = uplift_of(group(70, 56), group(80, 48))
    assert found is not None
    assert found.difference == pytest.approx(0.2)
    assert found.lowest == pytest.approx(0.0524, abs=5e-5)
    assert found.highest == pytest.approx(0.3339, abs=5e-5)
    assert found.is_sure


groups = st.integers(1, 500).flatmap(
    lambda n: st.integers(0, n).map(lambda returned: group(n, returned))
)


@given(groups, groups)
def test_the_difference_lies_within_its_interval_and_turns_round_with_the_groups(
    one: Group, other: Group
) -> None:
    found, turned = uplift_of(one, other), uplift_of(other, one)
    assert found is not None
    assert turned is not None
    assert -1 - 1e-9 <= found.lowest <= found.difference <= found.highest <= 1 + 1e-9
    assert found.lowest == pytest.approx(-turned.highest)
    low, high = wilson(one)
    assert low - 1e-9 <= one.share <= high + 1e-9


def test_nothing_is_compared_with_nobody() -> None:
    assert uplift_of(group(0, 0), group(5, 1)) is None
    assert extra_revenue(group(5, 1), group(0, 0)) is None


def test_extra_revenue_is_what_as_many_of_the_held_out_would_not_have_bought() -> None:
    assert extra_revenue(group(90, 30, "9000"), group(10, 2, "200")) == Decimal(7200)


def test_about_the_share_is_held_out_and_always_the_same_ones() -> None:
    people = [uuid5(NAMES, str(n)) for n in range(5000)]
    held = [person for person in people if is_held_out(WIN_BACK, person, Decimal(20))]
    assert 900 < len(held) < 1100
    assert held == [person for person in people if is_held_out(WIN_BACK, person, Decimal(20))]
    others = [person for person in held if is_held_out(UUID(int=9), person, Decimal(20))]
    assert 130 < len(others) < 270  # another win-back holds out others
    assert all(is_held_out(WIN_BACK, person, Decimal(50)) for person in held)


@pytest.mark.parametrize(("share", "held"), [(Decimal(0), False), (Decimal(100), True)])
def test_nobody_or_everybody_can_be_held_out(share: Decimal, *, held: bool) -> None:
    people = [uuid5(NAMES, str(n)) for n in range(200)]
    assert {is_held_out(WIN_BACK, person, share) for person in people} == {held}
