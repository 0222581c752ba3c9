"""What may be asked for, with which fields, and who has to approve it: types that are data (SA-16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation

MOST_TYPES = 100
MOST_FIELDS = 50
MOST_STEPS = 10
LONGEST_ANSWER = 2_000


class ApproverKind(StrEnum):
    """By whom a step can be taken."""

    ROLE = "role"
    USER = "user"
    MANAGER = "manager"


class AnswerKind(StrEnum):
    """What a field takes."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class ApprovalField:
    """Something that whoever asks has to say, or may; `choices` are keys with what they mean."""

    key: str
    label: Mapping[str, str]
    kind: AnswerKind = AnswerKind.TEXT
    required: bool = False
    choices: Mapping[str, Mapping[str, str]] | None = None

    def objection(self, answer: object) -> str:
        """What is wrong with an answer; empty if nothing is."""
        if answer is None or answer == "":
            return "An answer is needed." if self.required else ""
        if self.kind is AnswerKind.BOOLEAN:
            return "" if isinstance(answer, bool) else "It has to be true or false."
        if not isinstance(answer, str):
            return "It has to be a text."
        if self.kind is AnswerKind.CHOICE:
            known = self.choices or {}
            return "" if answer in known else f"It has to be one of {', '.join(known)}."
        return _READS[self.kind](answer)


@dataclass(frozen=True, slots=True)
class StepRule:
    """A step that a request has to take: by a role, a user, or the manager of whoever asks.

    With `over`, only if it is about more, in the base currency. `deputy_id` may decide while the
    approver is away. After `max_days` without a decision somebody is told.
    """

    key: str
    name: Mapping[str, str]
    approver: ApproverKind
    role_id: UUID | None = None
    user_id: UUID | None = None
    deputy_id: UUID | None = None
    over: Decimal | None = None
    max_days: int | None = None


@dataclass(frozen=True, slots=True)
class ApprovalTypeDefinition:
    """What a type asks, and which steps it takes, one after the other."""

    name: Mapping[str, str]
    fields: tuple[ApprovalField, ...]
    steps: tuple[StepRule, ...]

    @property
    def has_limits(self) -> bool:
        """Whether it matters how much a request is about."""
        return any(step.over is not None for step in self.steps)

    def called_for(self, base_amount: Decimal | None) -> Sequence[StepRule]:
        """The steps that a request takes; without an amount, those without a limit."""
        return [
            step
            for step in self.steps
            if step.over is None or (base_amount is not None and base_amount > step.over)
        ]

    def require_answers(self, answers: Mapping[str, object]) -> None:
        """Check what somebody has said. Raises `Invalid` that names all that is wrong."""
        wrong = [
            Violation(f"/answers/{key}", "field_unknown", "The type asks for no such thing.")
            for key in answers.keys() - {one.key for one in self.fields}
        ]
        for one in self.fields:
            objection = one.objection(answers.get(one.key))
            if objection:
                wrong.append(Violation(f"/answers/{one.key}", "answer_impossible", objection))
        if wrong:
            raise Invalid("That cannot be asked for like this.", violations=tuple(wrong))


@dataclass(frozen=True, slots=True)
class ApprovalTypeDefined(Fact):
    """A type is new or different."""

    approval_type_id: UUID
    key: str


@dataclass(frozen=True, slots=True)
class ApprovalTypeArchived(Fact):
    """A type was put away."""

    approval_type_id: UUID
    key: str


@dataclass(frozen=True, slots=True)
class ApprovalTypeRestored(Fact):
    """An archived type is back in use."""

    approval_type_id: UUID
    key: str


@dataclass(kw_only=True)
class ApprovalType(Aggregate):
    """A kind of thing to ask for; its key is for good. What was submitted keeps its steps."""

    key: str
    definition: ApprovalTypeDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Say that it is there. Raises `Invalid` that names everything wrong with it."""
        _require_sound(self.definition)
        self.record(ApprovalTypeDefined(self.id, self.key))

    def redefine(self, definition: ApprovalTypeDefinition, now: datetime) -> None:
        """Have it be different from now on; nothing happens when nothing differs.

        Raises `Invalid`, `Conflict` for an archived one.
        """
        self.require_in_use()
        _require_sound(definition)
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(ApprovalTypeDefined(self.id, self.key))

    def archive(self, now: datetime) -> None:
        """Have nothing of it asked for any more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(ApprovalTypeArchived(self.id, self.key))

    def restore(self, now: datetime) -> None:
        """Take it back into use; nothing happens to one that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(ApprovalTypeRestored(self.id, self.key))

    def require_in_use(self) -> None:
        """Raises `Conflict` for an archived one."""
        if self.archived_at is not None:
            message = "The type is archived; restore it first."
            raise Conflict(message, code="approval_type_archived")


def _require_sound(definition: ApprovalTypeDefinition) -> None:
    wrong = [*_repeated("fields", definition.fields), *_repeated("steps", definition.steps)]
    for place, one in enumerate(definition.fields):
        if (one.kind is AnswerKind.CHOICE) != bool(one.choices):
            message = "A choice needs choices, and nothing else has any."
            wrong.append(Violation(f"/fields/{place}/choices", "choices_odd", message))
    for place, step in enumerate(definition.steps):
        at = f"/steps/{place}"
        named = {ApproverKind.ROLE: step.role_id, ApproverKind.USER: step.user_id}
        for kind, given in named.items():
            if (step.approver is kind) != (given is not None):
                message = f"{kind}_id is for a step of a {kind}, and needed there."
                wrong.append(Violation(f"{at}/{kind}_id", "approver_odd", message))
        if step.deputy_id is not None and step.approver is ApproverKind.ROLE:
            message = "Others of the role can decide; it has no deputy."
            wrong.append(Violation(f"{at}/deputy_id", "deputy_odd", message))
        elif step.deputy_id is not None and step.deputy_id == step.user_id:
            message = "Nobody is their own deputy."
            wrong.append(Violation(f"{at}/deputy_id", "deputy_odd", message))
    if wrong:
        raise Invalid("Such a type cannot be.", violations=tuple(wrong))


def _repeated(name: str, parts: Sequence[ApprovalField | StepRule]) -> Iterator[Violation]:
    seen: set[str] = set()
    for place, part in enumerate(parts):
        if part.key in seen:
            message = f"The key {part.key!r} is there twice."
            yield Violation(f"/{name}/{place}/key", "key_repeated", message)
        seen.add(part.key)


def _text(answer: str) -> str:
    long = len(answer) > LONGEST_ANSWER
    return f"It has at most {LONGEST_ANSWER} characters." if long else ""


def _number(answer: str) -> str:
    try:
        return "" if Decimal(answer).is_finite() else "It has to be a number."
    except InvalidOperation:
        return "It has to be a number, such as 12.50."


def _date(answer: str) -> str:
    try:
        date.fromisoformat(answer)
    except ValueError:
        return "It has to be a day, such as 2026-01-31."
    return ""


_READS = {AnswerKind.TEXT: _text, AnswerKind.NUMBER: _number, AnswerKind.DATE: _date}
