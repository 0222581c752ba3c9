"""Whom rules choose, whatever the rules and the people are (SA-3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from sales.assignment_rules.domain import AssignmentRule, LeadTraits, Method, RuleDefinition
from sales.lead_assignments.choosing import choose
from sales.lead_assignments.storage import OPEN_LEADS
from sales.territories.domain import Territory
from services.sales.tests.builders import capture
from services.sales.tests.plans import plan_among_many

NOW = datetime(2026, 1, 1, tzinfo=UTC)
USERS = [UUID(int=number) for number in range(1, 7)]


class FakeWorkforce:
    """People in memory."""

    territories: Sequence[Territory] = ()

    def __init__(self, away: Collection[UUID] = (), load: Mapping[UUID, int] | None = None) -> None:
        self.away = away
        self.load = Counter(load or {})
        self.taken: dict[UUID, int] = {}

    def owner_of(self, company_id: UUID) -> UUID | None:
        """Nobody's."""
        del company_id
        return None

    def unavailable(self, user_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Those who are away."""
        return {one: "away" for one in user_ids if one in self.away}

    def open_leads(self, user_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """What they were given."""
        return {one: self.load[one] for one in user_ids}

    def turns(self, assignment_rule_id: UUID, user_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """When they were given something last."""
        del assignment_rule_id
        return {one: self.taken[one] for one in user_ids if one in self.taken}

    def give(self, user_id: UUID) -> None:
        """Have somebody take a lead."""
        self.load[user_id] += 1
        self.taken[user_id] = max(self.taken.values(), default=0) + 1


def rule(
    method: Method, users: Sequence[UUID], most: int | None = None, number: int = 99
) -> AssignmentRule:
    """A rule without conditions."""
    definition = RuleDefinition(
        {"en": "Rule"}, 0, method, user_ids=tuple(users), most_open_leads=most
    )
    return AssignmentRule(
        id=UUID(int=number), definition=definition, created_at=NOW, updated_at=NOW
    )


@given(
    team=st.lists(st.sampled_from(USERS), min_size=1, unique=True),
    away=st.sets(st.sampled_from(USERS)),
    leads=st.integers(0, 40),
)
def test_turns_are_fair_to_within_one_lead(team: list[UUID], away: set[UUID], leads: int) -> None:
    workforce, given_to = FakeWorkforce(away), Counter[UUID]()
    for _ in range(leads):
        choice = choose([rule(Method.ROUND_ROBIN, team)], LeadTraits(), workforce)
        if choice.owner_id is not None:
            given_to[choice.owner_id] += 1
            workforce.give(choice.owner_id)
    here = [one for one in team if one not in away]
    assert sum(given_to.values()) == (leads if here else 0)
    assert given_to.keys() <= set(here)
    counts = [given_to[one] for one in here]
    assert not counts or max(counts) - min(counts) <= 1


@given(
    load=st.dictionaries(st.sampled_from(USERS), st.integers(0, 9)),
    barred=st.sets(st.sampled_from(USERS)),
    most=st.integers(1, 9),
)
def test_load_chooses_the_least_busy_and_nobody_full_or_barred(
    load: dict[UUID, int], barred: set[UUID], most: int
) -> None:
    workforce = FakeWorkforce(load=load)
    choice = choose([rule(Method.LOAD, USERS, most)], LeadTraits(), workforce, barred)
    free = [one for one in USERS if one not in barred and load.get(one, 0) < most]
    (considered,) = choice.considered
    assert {one.user_id for one in considered.skipped} == set(USERS) - set(free)
    if not free:
        assert (choice.owner_id, choice.reason) == (None, "nobody_available")
    else:
        assert choice.owner_id in free
        assert load.get(choice.owner_id, 0) == min(load.get(one, 0) for one in free)


def test_a_rule_without_anybody_free_leaves_the_lead_to_the_next() -> None:
    first = rule(Method.ROUND_ROBIN, USERS[:1], number=98)
    second = rule(Method.ROUND_ROBIN, USERS[1:2])
    choice = choose([first, second], LeadTraits(), FakeWorkforce(away=USERS[:1]))
    assert (choice.owner_id, choice.rule) == (USERS[1], second)
    assert [one.taken for one in choice.considered] == [False, True]


def test_the_load_of_users_is_counted_by_an_index_as_the_runtime_login_may(
    database: TestDatabase, app: ApiClient
) -> None:
    like = {"tenant_id": app.tenant_id, "id": capture(app)["id"]}
    told = plan_among_many(
        database,
        "leads",
        like,
        "'owner_id', gen_random_uuid(), 'state', CASE WHEN mod(n, 3) = 0 THEN 'open' ELSE 'archived' END",
        OPEN_LEADS.sql,
        {"tenant_id": app.tenant_id, "user_ids": [uuid4(), uuid4()]},
    )
    assert "leads_open_of_owner" in told
    assert "owner_id = ANY" in told.partition("Index Cond")[2]
