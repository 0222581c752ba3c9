"""Which touch a conversion is credited to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sales.lead_conversions.domain import credited
from sales.lead_facts.domain import Origin, Touch, TouchKind

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def touch(day: int, source: str = "", campaign: str = "") -> Touch:
    at = BEGIN + timedelta(days=day)
    return Touch(UUID(int=day), TouchKind.FORM, Origin(source, campaign), at)


def credit(*touches: Touch, until: int = 99) -> tuple[str, str, int]:
    """Source, campaign and day of the touch that counts."""
    found = credited(touches, BEGIN + timedelta(days=until))
    return found.origin.source, found.origin.campaign, (found.at - BEGIN).days


def test_the_last_campaign_before_counts_whatever_was_without_one_after_it() -> None:
    touches = [touch(0, "fair", "winter"), touch(1, "web", "spring"), touch(2, "web"), touch(3)]
    assert credit(*touches) == ("web", "spring", 1)


def test_campaigns_after_the_lead_was_qualified_did_not_turn_it() -> None:
    touches = [touch(0, "fair", "winter"), touch(5, "web", "spring")]
    assert credit(*touches, until=4) == ("fair", "winter", 0)
    assert credit(*touches, until=5) == ("web", "spring", 5)


def test_without_a_campaign_the_last_source_counts_and_without_that_the_first_touch() -> None:
    assert credit(touch(0), touch(1, "web"), touch(2)) == ("web", "", 1)
    assert credit(touch(2), touch(1)) == ("", "", 1)
    assert credit(touch(3, "web", "late"), until=1) == ("web", "late", 3)


_touches = st.lists(
    st.builds(
        touch, st.integers(0, 9), st.sampled_from(["", "web"]), st.sampled_from(["", "a", "b"])
    ),
    min_size=1,
)


@given(_touches, st.integers(0, 9), st.randoms(use_true_random=False))
def test_in_whatever_order_touches_come_one_of_them_is_credited_and_the_same_one(
    touches: list[Touch], until: int, random: object
) -> None:
    end = BEGIN + timedelta(days=until)
    unique = list({one.id: one for one in touches}.values())
    found = credited(unique, end)
    assert (found.origin, found.at) in {(one.origin, one.at) for one in unique}
    timely = [one for one in unique if one.at <= end and one.origin.campaign]
    if timely:
        assert found.origin.campaign
        assert found.at == max(one.at for one in timely)
    random.shuffle(unique)  # type: ignore[attr-defined]
    assert credited(unique, end) == found
