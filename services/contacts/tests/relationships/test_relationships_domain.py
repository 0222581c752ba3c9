"""Days of employments and kinds of relations, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import SystemClock
from contacts.relationships.domain import Relation, RelationKind, Terms

DAYS = st.none() | st.dates(date(2020, 1, 1), date(2020, 2, 10))
TERMS = st.builds(Terms, st.sampled_from(("", "Clerk", "clerk")), DAYS, DAYS, st.booleans()).filter(
    lambda t: t.started_on is None or t.ended_on is None or t.started_on <= t.ended_on
)
KINDS = st.sampled_from(RelationKind)
PEOPLE = st.integers(1, 5).map(lambda n: UUID(int=n))


@given(TERMS, TERMS)
def test_overlapping_is_the_same_from_either_side(one: Terms, other: Terms) -> None:
    assert one.overlaps(other) == other.overlaps(one)


@given(TERMS)
def test_a_term_with_a_known_day_overlaps_itself(terms: Terms) -> None:
    unknown = terms.ended and terms.started_on is None and terms.ended_on is None
    assert terms.overlaps(terms) is not unknown


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400))
def test_terms_that_follow_each_other_do_not_overlap(last_day: date, length: int) -> None:
    first = Terms("Clerk", last_day - timedelta(days=length), last_day)
    second = Terms("Clerk", last_day + timedelta(days=1))
    assert not first.overlaps(second)
    assert first.overlaps(Terms("Clerk", last_day))


@given(KINDS)
def test_the_inverse_of_an_inverse_is_the_kind_itself(kind: RelationKind) -> None:
    assert kind.inverse.inverse is kind


@given(PEOPLE, PEOPLE, KINDS)
def test_a_relation_is_the_same_whoever_enters_it(
    one: UUID, other: UUID, kind: RelationKind
) -> None:
    if one == other:
        return
    now = SystemClock().now()
    here = Relation.between(UUID(int=9), one, other, kind, "", now)
    there = Relation.between(UUID(int=9), other, one, kind.inverse, "", now)
    assert here == there
    assert here.first_id < here.second_id
    contrary = Relation.between(UUID(int=9), one, other, kind.inverse, "", now)
    assert contrary.pair == here.pair
