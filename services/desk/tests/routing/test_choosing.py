"""Which rule takes a ticket and which agent gets it, without any input or output."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.agents.domain import AgentProfile, Skill
from desk.queues.domain import Method
from desk.routing.choosing import Candidate, choose_agent, choose_rule
from desk.routing.domain import Considered, Need, Skipped
from desk.routing_rules.domain import RoutingDefinition, RoutingRule

NOW = datetime(2026, 1, 2, tzinfo=UTC)
NOTHING = Need()


def agent(number: int, **more: int | str) -> Candidate:
    """Somebody who can take ten tickets."""
    return Candidate(UUID(int=number), AgentProfile(), **more)  # type: ignore[arg-type]


def able(number: int, *skills: Skill, languages: tuple[str, ...] = ()) -> Candidate:
    """Somebody who is good at something."""
    return Candidate(UUID(int=number), AgentProfile(skills, languages))


def rule(number: int, condition: str) -> RoutingRule:
    """A rule with nothing but a condition."""
    definition = RoutingDefinition({"en": "R"}, number, condition)
    return RoutingRule(id=UUID(int=number), definition=definition, created_at=NOW, updated_at=NOW)


def test_the_first_rule_whose_condition_holds_takes_it() -> None:
    rules = [rule(1, 'tier == "gold"'), rule(2, "value > 10"), rule(3, "")]
    taken, considered = choose_rule(rules, {"tier": "", "value": 20})
    assert taken is rules[1]
    assert considered == (Considered(UUID(int=1), taken=False), Considered(UUID(int=2), taken=True))


def test_what_cannot_be_judged_does_not_hold_and_says_so() -> None:
    taken, considered = choose_rule([rule(1, "value / reopened > 1")], {"value": 1, "reopened": 0})
    assert taken is None
    assert considered[0].problem


def test_by_turns_whoever_waits_longest_is_next() -> None:
    people = [agent(1, turn=7), agent(2, turn=3), agent(3, turn=0)]
    assert choose_agent(Method.ROUND_ROBIN, people, NOTHING).agent_id == UUID(int=3)
    assert choose_agent(Method.ROUND_ROBIN, people[:2], NOTHING).agent_id == UUID(int=2)


def test_by_load_it_counts_how_much_one_can_carry() -> None:
    busy = replace(agent(1, open_tickets=3), profile=AgentProfile(capacity=30))
    idle = agent(2, open_tickets=2)
    assert choose_agent(Method.LEAST_LOADED, [idle, busy], NOTHING).agent_id == busy.agent_id


def test_by_skill_the_best_gets_it_before_the_idle() -> None:
    need = Need((Skill("grinders", 2),))
    good = replace(able(1, Skill("grinders", 5)), open_tickets=8)
    fair = able(2, Skill("grinders", 2))
    assert choose_agent(Method.SKILL, [fair, good], need).agent_id == good.agent_id


def test_who_lacks_what_is_needed_is_passed_over_with_the_reason() -> None:
    need = Need((Skill("grinders", 3),), "zh-Hant")
    novice = able(1, Skill("grinders", 2), languages=("zh-Hant",))
    german = able(2, Skill("grinders", 3), languages=("de",))
    found = choose_agent(Method.LEAST_LOADED, [novice, german], need)
    assert found.agent_id is None
    assert found.skipped == (
        Skipped(novice.agent_id, "lacks_skill"),
        Skipped(german.agent_id, "other_language"),
    )


@pytest.mark.parametrize(
    ("spoken", "wanted", "can"),
    [
        ("en", "en-GB", True),
        ("en-GB", "en", True),
        ("EN", "en", True),
        ("zh-Hant", "zh-Hans", False),
        ("en", "eng", False),
        ("de", "", True),
    ],
)
def test_a_language_is_spoken_by_who_speaks_it_anywhere(
    spoken: str,
    wanted: str,
    can: bool,  # noqa: FBT001 - a case of the table
) -> None:
    assert AgentProfile(languages=(spoken,)).speaks(wanted) is can


@pytest.mark.parametrize(
    ("someone", "because"),
    [
        (agent(1, unavailable="absent"), "absent"),
        (agent(1, open_tickets=10), "full"),
        (agent(1, open_in_queue=2), "queue_full"),
    ],
)
def test_who_can_take_nothing_is_passed_over(someone: Candidate, because: str) -> None:
    found = choose_agent(Method.ROUND_ROBIN, [someone], NOTHING, most_open=2)
    assert found.skipped == (Skipped(someone.agent_id, because),)


def test_who_had_it_does_not_get_it_again() -> None:
    found = choose_agent(Method.ROUND_ROBIN, [agent(1)], NOTHING, barred=UUID(int=1))
    assert (found.agent_id, found.skipped) == (None, (Skipped(UUID(int=1), "had_it"),))


def test_a_manual_queue_hands_out_nothing() -> None:
    assert choose_agent(Method.MANUAL, [agent(1)], NOTHING).agent_id is None


@given(st.integers(1, 6), st.integers(1, 60))
def test_by_turns_nobody_is_ahead_of_another_by_more_than_one(people: int, tickets: int) -> None:
    turns, got = dict.fromkeys(range(1, people + 1), 0), Counter[int]()
    for turn in range(1, tickets + 1):
        there = [agent(number, turn=last) for number, last in turns.items()]
        chosen = choose_agent(Method.ROUND_ROBIN, there, NOTHING).agent_id
        assert chosen is not None
        got[chosen.int], turns[chosen.int] = got[chosen.int] + 1, turn
    counts = [got[number] for number in turns]
    assert max(counts) - min(counts) <= 1
