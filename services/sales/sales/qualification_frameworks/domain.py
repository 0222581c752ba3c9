"""What leads are asked before they count as qualified, as administrators define it (SA-2).

A framework has numbered definitions. An assessment goes on by the one that it began with, so that
changing a framework breaks nothing that is under way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation

MOST_FRAMEWORKS = 50
MOST_QUESTIONS = 50
MOST_OPTIONS = 20


class Verdict(StrEnum):
    """What an answer says about what was asked for."""

    MET = "met"
    PARTLY = "partly"
    UNMET = "unmet"


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """An answer that may be given, with its points and what it means."""

    key: str
    name: Mapping[str, str]
    points: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; a required one has to be answered, and not by what is unmet."""

    key: str
    name: Mapping[str, str]
    answers: tuple[AnswerOption, ...]
    required: bool = True

    def option(self, key: str) -> AnswerOption | None:
        """The answer with this key."""
        return next((one for one in self.answers if one.key == key), None)


@dataclass(frozen=True, slots=True)
class FrameworkDefinition:
    """Questions in their order, and how many points qualify."""

    name: Mapping[str, str]
    questions: tuple[Question, ...]
    threshold: int

    def question(self, key: str) -> Question | None:
        """The question with this key."""
        return next((one for one in self.questions if one.key == key), None)


@dataclass(frozen=True, slots=True)
class QualificationFrameworkDefined(Fact):
    """A framework is new or different."""

    framework_id: UUID
    number: int
    questions: tuple[str, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class QualificationFrameworkArchived(Fact):
    """Nothing new is assessed by a framework."""

    framework_id: UUID


@dataclass(frozen=True, slots=True)
class QualificationFrameworkRestored(Fact):
    """An archived framework is back in use."""

    framework_id: UUID


@dataclass(kw_only=True)
class QualificationFramework(Aggregate):
    """A way to find out whether something may come of a lead."""

    definition: FrameworkDefinition
    number: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @classmethod
    def define(
        cls, framework_id: UUID, definition: FrameworkDefinition, now: datetime
    ) -> QualificationFramework:
        """A new framework. Raises `Invalid` that names everything wrong with it."""
        require_sound(definition)
        framework = cls(
            id=framework_id, definition=definition, number=1, created_at=now, updated_at=now
        )
        framework.record(framework.as_defined)
        return framework

    def redefine(self, definition: FrameworkDefinition, now: datetime) -> None:
        """Have a further definition hold for what is begun from now on.

        Nothing happens when nothing differs. Raises `Invalid`, `Conflict` for an archived one.
        """
        if self.archived_at is not None:
            message = "The framework is archived; restore it first."
            raise Conflict(message, code="framework_archived")
        require_sound(definition)
        if definition != self.definition:
            self.definition, self.number, self.updated_at = definition, self.number + 1, now
            self.record(self.as_defined)

    def archive(self, now: datetime) -> None:
        """Take nothing new; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(QualificationFrameworkArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Take back into use; nothing happens to one that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(QualificationFrameworkRestored(self.id))

    @property
    def as_defined(self) -> QualificationFrameworkDefined:
        """What is told of it when it is new or different."""
        questions = tuple(one.key for one in self.definition.questions)
        return QualificationFrameworkDefined(
            self.id, self.number, questions, self.definition.threshold
        )


def require_sound(definition: FrameworkDefinition) -> None:
    """Check that a lead can be qualified by it. Raises `Invalid` that names everything wrong."""
    wrong = list(_repeated([one.key for one in definition.questions], "/questions"))
    for place, question in enumerate(definition.questions):
        at = f"/questions/{place}/answers"
        wrong += _repeated([one.key for one in question.answers], at)
        if question.required and all(x.verdict is Verdict.UNMET for x in question.answers):
            message = "A required question needs an answer by which it is met, or partly."
            wrong.append(Violation(at, "question_hopeless", message))
    best = sum(max((x.points for x in one.answers), default=0) for one in definition.questions)
    if definition.threshold > best:
        message = f"The best answers together have {best} points."
        wrong.append(Violation("/threshold", "threshold_unreachable", message))
    if wrong:
        raise Invalid("Such a framework cannot be.", violations=tuple(wrong))


def _repeated(keys: Sequence[str], at: str) -> Sequence[Violation]:
    return [
        Violation(f"{at}/{place}/key", "key_repeated", f"{key!r} is there twice.")
        for place, key in enumerate(keys)
        if key in keys[:place]
    ]
