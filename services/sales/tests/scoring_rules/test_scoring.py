"""What touches are worth as they grow old: never more than before, and it is told when (SA-2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sales.lead_facts.domain import Origin, Touch, TouchKind
from sales.leads.domain import Lead, LeadDetails, LeadState
from sales.scoring_rules.domain import RuleDefinition, TouchCriterion
from sales.scoring_rules.scoring import Score, Subject, score_of

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAYS = st.none() | st.integers(1, 90)
CRITERIA = st.builds(
    TouchCriterion,
    kinds=st.sampled_from([(), (TouchKind.MAIL,)]),
    most=st.integers(1, 5),
    window_days=DAYS,
    half_life_days=DAYS,
)
AGES = st.lists(st.integers(0, 200 * 24), max_size=8)


def scored(points: int, criterion: TouchCriterion, ages: list[int], now: datetime) -> Score:
    """The score by one rule for touches that were so many hours old at first."""
    touches = [
        Touch(UUID(int=n), TouchKind.MAIL, Origin(), NOW - timedelta(hours=age))
        for n, age in enumerate(sorted(ages))
    ]
    lead = Lead(
        id=UUID(int=99),
        state=LeadState.OPEN,
        details=LeadDetails(email="a@b.example"),
        origin=Origin(),
        touches=len(ages),
        first_touch_at=NOW,
        last_touch_at=NOW,
        fresh_since=NOW,
        captured_at=NOW,
        updated_at=NOW,
    )
    rule = RuleDefinition({"en": "A rule"}, points, touch=criterion)
    return score_of([(UUID(int=1), rule)], Subject(lead, touches), now)


@given(st.integers(-100, 100), CRITERIA, AGES)
def test_a_score_is_the_sum_of_what_it_is_explained_by(
    points: int, criterion: TouchCriterion, ages: list[int]
) -> None:
    score = scored(points, criterion, ages, NOW)
    (part,) = score.parts
    assert score.total == part.points == sum(one.points or 0 for one in part.evidence)
    assert len(part.evidence) <= criterion.most
    assert abs(score.total) <= abs(points) * criterion.most


@given(st.integers(-100, 100), CRITERIA, AGES)
def test_it_changes_when_it_was_told_to_and_not_before(
    points: int, criterion: TouchCriterion, ages: list[int]
) -> None:
    now, score = NOW, scored(points, criterion, ages, NOW)
    while score.until is not None:
        just_before = scored(points, criterion, ages, score.until - timedelta(microseconds=1))
        assert just_before.total == score.total
        assert score.until > now
        now, before = score.until, score
        score = scored(points, criterion, ages, now)
        assert abs(score.total) <= abs(before.total)
    assert scored(points, criterion, ages, now + timedelta(days=4000)).total == score.total


def test_a_touch_gives_half_after_its_half_life_and_nothing_after_its_window() -> None:
    criterion = TouchCriterion(half_life_days=10, window_days=25)
    worth = {
        days: scored(20, criterion, [0], NOW + timedelta(days=days)).total
        for days in (0, 9, 10, 20, 24, 25)
    }
    assert worth == {0: 20, 9: 20, 10: 10, 20: 5, 24: 5, 25: 0}
