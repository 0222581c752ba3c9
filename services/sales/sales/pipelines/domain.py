"""What a pipeline is: stages with what must be true to leave them, as administrators define them.

A pipeline has numbered definitions. New opportunities go by the newest; those under way go on by
the one that they began with, so that changing a pipeline breaks nothing that is running.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation

MOST_STAGES = 30
MOST_CRITERIA = 20


class StageKind(StrEnum):
    """Whether an opportunity in a stage is open, and if not, how it ended."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class BuyingRole(StrEnum):
    """The parts that people have in buying (SA-7)."""

    INITIATOR = "initiator"
    USER = "user"
    INFLUENCER = "influencer"
    EVALUATOR = "evaluator"
    GATEKEEPER = "gatekeeper"
    CHAMPION = "champion"
    MENTOR = "mentor"
    BUSINESS_DRIVER = "business_driver"
    DECIDER = "decider"
    APPROVER = "approver"
    BUYER = "buyer"
    DOMINO = "domino"


class OpportunityField(StrEnum):
    """The fields of an opportunity that a stage may ask for."""

    AMOUNT = "amount"
    EXPECTED_CLOSE_ON = "expected_close_on"
    PERSON_ID = "person_id"
    COMPANY_ID = "company_id"
    OWNER_ID = "owner_id"
    SOURCE = "source"
    DESCRIPTION = "description"
    NEXT_STEP = "next_step"
    COMPETITORS = "competitors"


class ActivityKind(StrEnum):
    """What people who sell do (SA-8)."""

    TASK = "task"
    CALL = "call"
    MEETING = "meeting"
    MAIL = "mail"
    VISIT = "visit"


class ForecastCategory(StrEnum):
    """How sure an open opportunity is, for forecasts (SA-13)."""

    PIPELINE = "pipeline"
    BEST_CASE = "best_case"
    COMMIT = "commit"
    OMITTED = "omitted"


class CriterionKind(StrEnum):
    """What a criterion looks at."""

    FIELD = "field"
    ROLE = "role"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class Criterion:
    """What must be true before an opportunity moves on.

    A field is filled, or the amount is `at_least` so much in the base currency; so many people have
    a buying role; so many activities of a kind were done since the opportunity was opened.
    """

    key: str
    name: Mapping[str, str]
    kind: CriterionKind
    field: OpportunityField | None = None
    at_least: Decimal | None = None
    role: BuyingRole | None = None
    activity: ActivityKind | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Stage:
    """Where an opportunity may stand.

    `probability` is in per cent; `forecast_category` is that of open opportunities in it which have
    none of their own. `required_fields` are needed to enter it, `exit_criteria` to leave
    it forwards. Longer than `max_days` in it is told of once.
    """

    key: str
    name: Mapping[str, str]
    kind: StageKind = StageKind.OPEN
    probability: int = 0
    max_days: int | None = None
    required_fields: tuple[OpportunityField, ...] = ()
    exit_criteria: tuple[Criterion, ...] = ()
    forecast_category: ForecastCategory = ForecastCategory.PIPELINE


@dataclass(frozen=True, slots=True)
class PipelineDefinition:
    """Stages in their order, and the buying roles that an opportunity should have covered."""

    name: Mapping[str, str]
    stages: tuple[Stage, ...]
    required_roles: tuple[BuyingRole, ...] = ()

    def stage(self, key: str) -> Stage | None:
        """The stage with this key."""
        return next((stage for stage in self.stages if stage.key == key), None)

    def first(self) -> Stage:
        """Where opportunities begin."""
        return self.stages[0]

    def left_behind(self, origin: str, target: str) -> Sequence[Stage]:
        """The open stages that a move forwards leaves behind, the origin included; else none."""
        keys = [stage.key for stage in self.stages]
        begin, end = keys.index(origin), keys.index(target)
        return [one for one in self.stages[begin:end] if one.kind is StageKind.OPEN]


@dataclass(frozen=True, slots=True)
class PipelineDefined(Fact):
    """A pipeline is new or different."""

    pipeline_id: UUID
    number: int
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PipelineArchived(Fact):
    """A pipeline takes nothing new."""

    pipeline_id: UUID


@dataclass(frozen=True, slots=True)
class PipelineRestored(Fact):
    """An archived pipeline is back in use."""

    pipeline_id: UUID


@dataclass(kw_only=True)
class Pipeline(Aggregate):
    """A way from a first talk to a contract; `number` says which definition is the newest."""

    definition: PipelineDefinition
    number: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @classmethod
    def define(cls, pipeline_id: UUID, definition: PipelineDefinition, now: datetime) -> Pipeline:
        """A new pipeline. Raises `Invalid` that names everything wrong with it."""
        require_sound(definition)
        pipeline = cls(
            id=pipeline_id, definition=definition, number=1, created_at=now, updated_at=now
        )
        pipeline.record(_defined(pipeline))
        return pipeline

    def redefine(self, definition: PipelineDefinition, now: datetime) -> None:
        """Have a further definition hold for what is opened from now on.

        Nothing happens when nothing differs. Raises `Invalid`, `Conflict` for an archived one.
        """
        if self.archived_at is not None:
            raise Conflict("The pipeline is archived; restore it first.", code="pipeline_archived")
        require_sound(definition)
        if definition != self.definition:
            self.definition, self.number, self.updated_at = definition, self.number + 1, now
            self.record(_defined(self))

    def archive(self, now: datetime) -> None:
        """Take nothing new; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(PipelineArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Take back into use; nothing happens to one that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(PipelineRestored(self.id))


def _defined(pipeline: Pipeline) -> PipelineDefined:
    stages = tuple(stage.key for stage in pipeline.definition.stages)
    return PipelineDefined(pipeline.id, pipeline.number, stages)


def require_sound(definition: PipelineDefinition) -> None:
    """Check that opportunities can go through it. Raises `Invalid` that names everything wrong."""
    wrong = list(_wrong_ends(definition.stages))
    seen: set[str] = set()
    for place, stage in enumerate(definition.stages):
        at = f"/stages/{place}"
        if stage.key in seen:
            wrong.append(Violation(f"{at}/key", "key_repeated", f"{stage.key!r} is there twice."))
        seen.add(stage.key)
        wrong += _wrong_probability(stage, at)
        wrong += _wrong_closed(stage, at)
        for number, criterion in enumerate(stage.exit_criteria):
            wrong += _wrong_criterion(criterion, f"{at}/exit_criteria/{number}")
        keys = [criterion.key for criterion in stage.exit_criteria]
        if len(set(keys)) < len(keys):
            message = "Two criteria have the same key."
            wrong.append(Violation(f"{at}/exit_criteria", "key_repeated", message))
    if wrong:
        raise Invalid("Such a pipeline cannot be.", violations=tuple(wrong))


def _wrong_ends(stages: Sequence[Stage]) -> Sequence[Violation]:
    kinds = [stage.kind for stage in stages]
    wrong = []
    if not stages or kinds[0] is not StageKind.OPEN:
        message = "The first stage has to be an open one: opportunities begin there."
        wrong.append(Violation("/stages", "first_stage_closed", message))
    for kind in (StageKind.WON, StageKind.LOST):
        if kind not in kinds:
            message = f"A stage of the kind {kind} is needed, in which opportunities end."
            wrong.append(Violation("/stages", f"{kind}_stage_missing", message))
    ends = [place for place, kind in enumerate(kinds) if kind is not StageKind.OPEN]
    if ends and StageKind.OPEN in kinds[ends[0] :]:
        message = "Open stages come before those in which opportunities end."
        wrong.append(Violation("/stages", "stage_order", message))
    return wrong


def _wrong_probability(stage: Stage, at: str) -> Sequence[Violation]:
    bounds = {StageKind.OPEN: (0, 99), StageKind.WON: (100, 100), StageKind.LOST: (0, 0)}
    least, most = bounds[stage.kind]
    if least <= stage.probability <= most:
        return ()
    message = f"In a stage of the kind {stage.kind} it is {least} to {most}."
    return (Violation(f"{at}/probability", "probability_impossible", message),)


def _wrong_closed(stage: Stage, at: str) -> Sequence[Violation]:
    if stage.kind is StageKind.OPEN or not (stage.exit_criteria or stage.max_days):
        return ()
    message = "Nobody leaves a stage in which opportunities end: it has no criteria and no time."
    return (Violation(at, "closed_stage_left", message),)


def _wrong_criterion(one: Criterion, at: str) -> Sequence[Violation]:
    named = {
        CriterionKind.FIELD: one.field,
        CriterionKind.ROLE: one.role,
        CriterionKind.ACTIVITY: one.activity,
    }
    if named[one.kind] is None:
        message = f"A criterion of the kind {one.kind} names the {one.kind} that it looks at."
        return (Violation(f"{at}/{one.kind}", "criterion_incomplete", message),)
    if any(value is not None for kind, value in named.items() if kind is not one.kind):
        message = f"A criterion of the kind {one.kind} looks at nothing else."
        return (Violation(at, "criterion_ambiguous", message),)
    if one.at_least is not None and one.field is not OpportunityField.AMOUNT:
        message = "Only an amount can be at least so much."
        return (Violation(f"{at}/at_least", "criterion_ambiguous", message),)
    return ()
