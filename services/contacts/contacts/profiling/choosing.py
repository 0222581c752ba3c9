"""Which single question is worth asking somebody next: never a long form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contacts.profiling.domain import AskOutcome, QuestionDefinition, custom_field_of
from contacts.profiling.subjects import Gap, Record, gap_in


class Verdict(StrEnum):
    """Why a question is asked, or passed over."""

    DUE = "due"
    KNOWN = "known"
    DECLINED = "declined"
    ASKED_LATELY = "asked_lately"
    ASKED_OFTEN_ENOUGH = "asked_often_enough"
    FIELD_ARCHIVED = "field_archived"


class Silence(StrEnum):
    """Why nothing is worth asking."""

    PERSON_ARCHIVED = "person_archived"
    PURPOSE_ARCHIVED = "purpose_archived"
    NO_QUESTIONS = "no_questions"
    PAUSE = "pause"
    NOTHING_LEFT = "nothing_left"


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is in use."""

    id: UUID
    definition: QuestionDefinition


@dataclass(frozen=True, slots=True)
class Ask:
    """That the person was asked a question."""

    question_id: UUID
    outcome: AskOutcome
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What asking has come to: how often without an answer, when last, and whether they declined."""

    times: int = 0
    last_at: datetime | None = None
    declined: bool = False

    def after(self, ask: Ask) -> Standing:
        """After one more time; an answer has what was before count no more."""
        if ask.outcome is AskOutcome.ANSWERED:
            return Standing(0, ask.asked_at)
        declined = self.declined or ask.outcome is AskOutcome.DECLINED
        return Standing(self.times + 1, ask.asked_at, declined)


NEVER = Standing()


@dataclass(frozen=True, slots=True)
class Rated:
    """A question with what speaks for or against asking it; `not_before` when only time does."""

    question: Question
    verdict: Verdict
    gap: Gap | None
    standing: Standing
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The one question, or why there is none, and until when; and those that were passed over."""

    chosen: Rated | None
    silence: Silence | None
    not_before: datetime | None
    passed_over: Sequence[Rated]


def choose(
    questions: Sequence[Question],
    person: Record,
    asks: Iterable[Ask],
    fields: frozenset[str],
    *,
    pause: timedelta,
    now: datetime,
) -> Choice:
    """The first of `questions` that is worth asking, unless the person was asked anything lately.

    `questions` are in their order, `asks` is all that the person was asked, in any; `fields` are
    the keys of the custom fields that are in use.
    """
    if person["archived_at"] is not None:
        return Choice(None, Silence.PERSON_ARCHIVED, None, ())
    if not questions:
        return Choice(None, Silence.NO_QUESTIONS, None, ())
    standings = _standings(asks)
    rated = [_rated(each, person, standings, fields, now) for each in questions]
    chosen = next((each for each in rated if each.verdict is Verdict.DUE), None)
    passed_over = [each for each in rated if each.verdict is not Verdict.DUE]
    if chosen is None:
        waiting = (each.not_before for each in passed_over if each.not_before is not None)
        return Choice(None, Silence.NOTHING_LEFT, min(waiting, default=None), passed_over)
    last = max((s.last_at for s in standings.values() if s.last_at), default=None)
    if last is not None and now < last + pause:
        return Choice(None, Silence.PAUSE, last + pause, passed_over)
    return Choice(chosen, None, None, passed_over)


def _standings(asks: Iterable[Ask]) -> dict[UUID, Standing]:
    standings: dict[UUID, Standing] = {}
    for ask in sorted(asks, key=lambda ask: ask.asked_at):
        standings[ask.question_id] = standings.get(ask.question_id, NEVER).after(ask)
    return standings


def _rated(
    question: Question,
    person: Record,
    standings: Mapping[UUID, Standing],
    fields: frozenset[str],
    now: datetime,
) -> Rated:
    definition = question.definition
    key = custom_field_of(definition.asks_for)
    standing = standings.get(question.id, NEVER)
    gap = gap_in(person, definition.asks_for)
    again_at = _again_at(definition, standing)
    verdict, not_before = Verdict.DUE, None
    if key is not None and key not in fields:
        verdict = Verdict.FIELD_ARCHIVED
    elif gap is None:
        verdict = Verdict.KNOWN
    elif standing.declined:
        verdict = Verdict.DECLINED
    elif standing.times >= definition.most_times:
        verdict = Verdict.ASKED_OFTEN_ENOUGH
    elif again_at is not None and now < again_at:
        verdict, not_before = Verdict.ASKED_LATELY, again_at
    return Rated(question, verdict, gap, standing, not_before)


def _again_at(definition: QuestionDefinition, standing: Standing) -> datetime | None:
    if standing.last_at is None:
        return None
    return standing.last_at + timedelta(days=definition.ask_again_after_days)
