"""How a member's tier moves with what counts and with time, without any input or output (LO-5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from loyalty.qualifying.domain import Contribution, reckon
from loyalty.tier_standings.domain import Grant, MoveCause, Review, TierStanding
from loyalty.tiers.domain import QualifyBy, Tier, TierTerms, WindowKind

ZONE = ZoneInfo("Asia/Taipei")
BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
KEYS = ("silver", "gold", "platinum")
TERMS = TierTerms(
    tuple(Tier(key, {"en": key}, Decimal(100 * 2**n)) for n, key in enumerate(KEYS)),
    QualifyBy.SPEND,
)

many_terms = st.builds(
    lambda window, months, grace, hold, step: replace(
        TERMS,
        window=window,
        months=months,
        grace_days=grace,
        hold_months=hold,
        one_step=step,
    ),
    st.sampled_from(WindowKind),
    st.integers(1, 12),
    st.sampled_from([0, 1, 30]),
    st.sampled_from([0, 6]),
    st.booleans(),
)
histories = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 300)), max_size=6)


def new() -> TierStanding:
    """Somebody who has nothing yet."""
    return TierStanding(id=UUID(int=1), program_id=UUID(int=2))


def look(
    terms: TierTerms,
    contributions: list[Contribution],
    now: datetime,
    cause: MoveCause = MoveCause.COUNTED,
) -> Review:
    """What there is to go by at a time."""
    known = [one for one in contributions if one.at <= now]
    return Review(terms, 1, reckon(terms, known, now, ZONE), ZONE, now, cause, None)


def lived(
    terms: TierTerms, history: list[tuple[int, int]], until: timedelta
) -> list[tuple[datetime, TierStanding, Review]]:
    """A standing through a history of purchases, looked at on each of them and whenever it says."""
    contributions, now = list[Contribution](), BEGIN
    for days, amount in history:
        now += timedelta(days=days)
        contributions.append(Contribution(now, Decimal(amount)))
    standing, seen, due = new(), [], BEGIN
    waiting = [one.at for one in contributions]
    end = BEGIN + until
    for _ in range(200):
        following = [at for at in (*waiting, standing.next_review_at) if at is not None]
        due = max(due, min(following, default=end))
        if due > end or not following:
            break
        waiting = [at for at in waiting if at > due]
        standing.review(look(terms, contributions, due))
        seen.append((due, replace(standing), look(terms, contributions, due)))
    else:
        raise AssertionError("it never comes to rest")
    return seen


@given(many_terms, histories)
def test_nobody_is_ever_in_a_lower_tier_than_what_they_have_is_enough_for(
    terms: TierTerms, history: list[tuple[int, int]]
) -> None:
    for _, standing, review in lived(terms, history, timedelta(days=6000)):
        assert terms.rank(standing.tier) >= terms.reached_by(review.reckoning.holds)


@given(many_terms, histories)
def test_in_the_end_everybody_is_in_the_tier_that_what_is_left_is_enough_for(
    terms: TierTerms, history: list[tuple[int, int]]
) -> None:
    seen = lived(terms, history, timedelta(days=6000))
    if seen:
        _, standing, review = seen[-1]
        assert standing.next_review_at is None
        assert terms.rank(standing.tier) == terms.reached_by(review.reckoning.holds)


@given(many_terms, histories)
def test_nothing_is_lost_before_grace_and_holding_are_over(
    terms: TierTerms, history: list[tuple[int, int]]
) -> None:
    before: TierStanding | None = None
    for now, standing, _ in lived(terms, history, timedelta(days=6000)):
        if before is not None and terms.rank(standing.tier) < terms.rank(before.tier):
            fell_at = before.at_risk_since or before.enough_until or now
            assert now >= fell_at + timedelta(days=terms.grace_days)
            if terms.one_step:
                assert terms.rank(standing.tier) == terms.rank(before.tier) - 1
        before = standing


@given(many_terms, histories, st.integers(0, 400))
def test_looking_late_or_twice_leads_to_the_same(
    terms: TierTerms, history: list[tuple[int, int]], late: int
) -> None:
    seen = lived(terms, history, timedelta(days=3000))
    if not seen:
        return
    _, standing, review = seen[-1]
    again = replace(standing)
    again.review(review)
    assert (again.tier, again.earned, again.loses_at) == (
        standing.tier,
        standing.earned,
        standing.loses_at,
    )
    due = standing.next_review_at
    if due is None or terms.one_step:
        return
    # Whoever is looked at late by a broken timer has lost nothing earlier, and no day of patience.
    punctual, tardy = replace(standing), replace(standing)
    contributions = [
        Contribution(BEGIN + timedelta(days=sum(d for d, _ in history[: n + 1])), Decimal(amount))
        for n, (_, amount) in enumerate(history)
    ]
    end = due + timedelta(days=late)
    punctual.review(look(terms, contributions, due))
    while punctual.next_review_at is not None and punctual.next_review_at <= end:
        punctual.review(look(terms, contributions, max(due, punctual.next_review_at)))
    tardy.review(look(terms, contributions, end))
    punctual.review(look(terms, contributions, end))
    assert tardy.tier == punctual.tier


def test_a_tier_that_is_gone_leads_into_the_next_lower_one() -> None:
    standing = new()
    bought = [Contribution(BEGIN, Decimal(250))]
    standing.review(look(TERMS, bought, BEGIN))
    assert standing.tier == "gold"
    fewer = replace(TERMS, tiers=(TERMS.tiers[0], TERMS.tiers[2]), replaced={"gold": "silver"})
    standing.review(look(fewer, bought, BEGIN, MoveCause.TERMS_CHANGED))
    assert standing.tier == "silver"


def test_terms_that_are_harder_leave_time_to_everybody() -> None:
    standing = new()
    bought = [Contribution(BEGIN, Decimal(250))]
    standing.review(look(TERMS, bought, BEGIN))
    harder = replace(
        TERMS, tiers=tuple(replace(tier, threshold=tier.threshold * 2) for tier in TERMS.tiers)
    )
    # Whoever looks first, be it because something else has happened.
    standing.review(replace(look(harder, bought, BEGIN), revision=2))
    assert standing.tier == "gold"
    assert standing.loses_at is not None
    assert standing.loses_at >= BEGIN + timedelta(days=30)
    late = look(harder, bought, standing.loses_at, MoveCause.TIME)
    standing.review(replace(late, revision=2))
    assert standing.tier == "silver"


def test_what_is_given_counts_until_its_time_and_what_was_earned_besides_stays() -> None:
    standing = new()
    bought = [Contribution(BEGIN, Decimal(100))]
    until = BEGIN + timedelta(days=10)
    standing.give(
        Grant("platinum", until, "A friend of the house", "user:1"), look(TERMS, bought, BEGIN)
    )
    assert (standing.tier, standing.earned) == ("platinum", "silver")
    standing.review(look(TERMS, bought, until - timedelta(seconds=1)))
    assert standing.tier == "platinum"
    standing.review(look(TERMS, bought, until, MoveCause.TIME))
    assert (standing.tier, standing.grant) == ("silver", None)


def test_who_was_merged_into_another_leaves_them_the_better_tier() -> None:
    one, other = new(), new()
    one.review(look(TERMS, [Contribution(BEGIN, Decimal(100))], BEGIN))
    other.review(look(TERMS, [Contribution(BEGIN, Decimal(400))], BEGIN))
    one.inherit(other, TERMS)
    assert one.earned == "platinum"
    other.inherit(one, TERMS)
    assert other.earned == "platinum"
