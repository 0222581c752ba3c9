"""What answers say: points, what is open, what is unmet; for any answers (SA-2)."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sales.assessments.domain import Answer, judge
from sales.qualification_frameworks.built_in import BANT
from sales.qualification_frameworks.domain import Verdict, require_sound

KEYS = st.fixed_dictionaries(
    {},
    optional={
        one.key: st.sampled_from([*(option.key for option in one.answers), "unheard_of"])
        for one in BANT.questions
    },
)


def said(answers: dict[str, str]) -> list[Answer]:
    """Answers, all of one day."""
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return [Answer(question, answer, "", at, "user:1") for question, answer in answers.items()]


def test_bant_makes_sense_in_both_languages() -> None:
    require_sound(BANT)
    names = [BANT.name]
    for question in BANT.questions:
        names += [question.name, *(one.name for one in question.answers)]
    assert all(set(name) == {"en", "zh-Hant"} for name in names)


@given(KEYS)
def test_only_answers_that_are_known_count_each_once(answers: dict[str, str]) -> None:
    judgement = judge(BANT, [*said(answers), *said({"weather": "fine"})])
    known = {
        question.key: option
        for question in BANT.questions
        for option in question.answers
        if answers.get(question.key) == option.key
    }
    assert judgement.points == sum(option.points for option in known.values())
    assert set(judgement.open) == {one.key for one in BANT.questions} - set(known)
    unmet = {key for key, option in known.items() if option.verdict is Verdict.UNMET}
    assert set(judgement.unmet) == unmet


@given(KEYS)
def test_nobody_qualifies_with_a_question_open_or_unmet(answers: dict[str, str]) -> None:
    judgement = judge(BANT, said(answers))
    enough = judgement.points >= BANT.threshold
    assert judgement.qualifies is (enough and not judgement.open and not judgement.unmet)
