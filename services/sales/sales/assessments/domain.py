"""What a lead has answered to a framework's questions, on what evidence, and what that says (SA-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation
from sales.qualification_frameworks.domain import (
    AnswerOption,
    FrameworkDefinition,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, what shows it, when it was said, and who has noted it."""

    question: str
    answer: str
    evidence: str
    at: datetime
    by: str
    activity_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the answers say: points, and the required questions that are open or unmet."""

    points: int
    threshold: int
    open: tuple[str, ...]
    unmet: tuple[str, ...]

    @property
    def qualifies(self) -> bool:
        """Whether a lead with these answers may be called qualified."""
        return not self.open and not self.unmet and self.points >= self.threshold


@dataclass(frozen=True, slots=True)
class AssessmentStanding:
    """What facts say of an assessment: of whose lead it is, and by which definition."""

    assessment_id: UUID
    lead_id: UUID
    owner_id: UUID | None
    framework_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class QualificationQuestionAnswered(Fact):
    """A question about a lead has an answer, or another one."""

    standing: AssessmentStanding
    answer: Answer
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class QualificationAnswerWithdrawn(Fact):
    """An answer about a lead was taken back."""

    standing: AssessmentStanding
    question: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class QualificationDefinitionAdopted(Fact):
    """An assessment goes by the newest definition of its framework from now on."""

    standing: AssessmentStanding
    judgement: Judgement


@dataclass(kw_only=True)
class Assessment(Aggregate):
    """One lead's answers to one framework, by the definition that it began with.

    Answers that a newly adopted definition does not know stay as they were said, and do not count.
    """

    lead_id: UUID
    framework_id: UUID
    number: int
    definition: FrameworkDefinition
    answers: tuple[Answer, ...] = ()
    created_at: datetime
    updated_at: datetime

    @property
    def judgement(self) -> Judgement:
        """What the answers say now."""
        return judge(self.definition, self.answers)

    def answer(self, given: Answer, owner_id: UUID | None, now: datetime) -> None:
        """Take over an answer in place of the one before; nothing happens when it is the same.

        Raises `Invalid` for a question or an answer that there is not, and for a later time.
        """
        self._require_known(given)
        if given.at > now:
            raise Invalid.at("/at", "in_future", "It cannot be later than now.")
        before = next((one for one in self.answers if one.question == given.question), None)
        if before == given:
            return
        others = tuple(one for one in self.answers if one.question != given.question)
        self.answers, self.updated_at = (*others, given), now
        fact = QualificationQuestionAnswered(self._standing(owner_id), given, self.judgement)
        self.record(fact)

    def withdraw(self, question: str, owner_id: UUID | None, now: datetime) -> None:
        """Take an answer back; nothing happens when there is none."""
        left = tuple(one for one in self.answers if one.question != question)
        if left != self.answers:
            self.answers, self.updated_at = left, now
            standing = self._standing(owner_id)
            self.record(QualificationAnswerWithdrawn(standing, question, self.judgement))

    def adopt(
        self, number: int, definition: FrameworkDefinition, owner_id: UUID | None, now: datetime
    ) -> None:
        """Go by another definition from now on; nothing happens when it is the same."""
        if number != self.number:
            self.number, self.definition, self.updated_at = number, definition, now
            standing = self._standing(owner_id)
            self.record(QualificationDefinitionAdopted(standing, self.judgement))

    def require_qualifying(self) -> Judgement:
        """What the answers say. Raises `Conflict` that names all that is missing."""
        judgement = self.judgement
        wrong = [
            *(_missing(key, "question_open", "It is not answered.") for key in judgement.open),
            *(_missing(key, "question_unmet", "It is not met.") for key in judgement.unmet),
        ]
        if judgement.points < judgement.threshold:
            message = f"It takes {judgement.threshold} points; the answers have {judgement.points}."
            wrong.append(Violation("/points", "points_missing", message))
        if wrong:
            raise Conflict(
                "The lead does not qualify by this framework.",
                code="qualification_unmet",
                violations=tuple(wrong),
            )
        return judgement

    def _require_known(self, given: Answer) -> None:
        question = self.definition.question(given.question)
        if question is None:
            message = f"The framework has no question {given.question!r}."
            raise Invalid.at("question", "question_unknown", message)
        if question.option(given.answer) is None:
            answers = ", ".join(one.key for one in question.answers)
            message = f"The answers to {given.question!r} are {answers}."
            raise Invalid.at("/answer", "answer_unknown", message)

    def _standing(self, owner_id: UUID | None) -> AssessmentStanding:
        return AssessmentStanding(self.id, self.lead_id, owner_id, self.framework_id, self.number)


def judge(definition: FrameworkDefinition, answers: Sequence[Answer]) -> Judgement:
    """What answers say by a definition; those that it does not know do not count."""
    given = {one.question: one.answer for one in answers}
    chosen: dict[str, AnswerOption | None] = {
        one.key: one.option(given.get(one.key, "")) for one in definition.questions
    }
    required = [one.key for one in definition.questions if one.required]
    found = {key: option for key, option in chosen.items() if option is not None}
    return Judgement(
        points=sum(option.points for option in found.values()),
        threshold=definition.threshold,
        open=tuple(key for key in required if key not in found),
        unmet=tuple(
            key for key in required if key in found and found[key].verdict is Verdict.UNMET
        ),
    )


def _missing(key: str, code: str, message: str) -> Violation:
    return Violation(f"/questions/{key}", code, message)
