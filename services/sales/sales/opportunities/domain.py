"""What an opportunity is, how it moves through its pipeline, and what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Money, Violation
from sales.exchange_rates.domain import Valued
from sales.pipelines.domain import (
    ActivityKind,
    BuyingRole,
    Criterion,
    CriterionKind,
    ForecastCategory,
    OpportunityField,
    PipelineDefinition,
    Stage,
    StageKind,
)

MOST_COMPETITORS = 20
MOST_PRODUCTS = 50


class OpportunityState(StrEnum):
    """Whether it is still to be decided, and if not, how it was."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Competitor:
    """Who else offers; `note` says how strong they are."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class OpportunityDetails:
    """Everything about an opportunity that somebody may enter.

    Channel, branch and industry are the tenant's own words, and what figures are told by.
    """

    name: str = ""
    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    amount: Money | None = None
    expected_close_on: date | None = None
    source: str = ""
    channel: str = ""
    branch: str = ""
    industry: str = ""
    product_ids: tuple[UUID, ...] = ()
    description: str = ""
    next_step: str = ""
    competitors: tuple[Competitor, ...] = ()
    forecast_category: ForecastCategory | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """Why it was lost, by the key of a reason, and to whom if to anybody."""

    reason: str
    note: str = ""
    competitor: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What criteria look at besides the opportunity itself: how many have a role, what was done."""

    roles: Mapping[BuyingRole, int] = field(default_factory=dict)
    completed: Mapping[ActivityKind, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """When it entered the stage that it is in; `number` counts entries from 1 on."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class OpportunityOpened(Fact):
    """There is a chance to sell something."""

    opportunity: Opportunity
    standing: Standing


@dataclass(frozen=True, slots=True)
class OpportunityChanged(Fact):
    """Something about it is different; not its stage."""

    standing: Standing
    changed_fields: tuple[str, ...]
    before: OpportunityDetails
    base_before: Money | None


@dataclass(frozen=True, slots=True)
class OpportunityMoved(Fact):
    """It went from one open stage to another."""

    standing: Standing
    from_stage: str
    entered_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class OpportunityWon(Fact):
    """The customer has agreed."""

    standing: Standing
    from_stage: str
    opened_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class OpportunityLost(Fact):
    """There will be no contract."""

    standing: Standing
    from_stage: str
    reason: str
    opened_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class OpportunityReopened(Fact):
    """It is open again."""

    standing: Standing
    from_stage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OpportunityStageTimeExceeded(Fact):
    """It has been in its stage for too long."""

    standing: Standing
    entered_at: datetime
    max_days: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What facts say of an opportunity: whose it is, where it stands, what it is worth."""

    opportunity_id: UUID
    pipeline_id: UUID
    stage: str
    probability: int
    details: OpportunityDetails
    base_amount: Money | None
    forecasts_as: str
    course: Course
    lead_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How it has gone so far, for whoever counts by facts alone (SA-15)."""

    state: OpportunityState
    entry: Entry
    opened_at: datetime
    closed_at: datetime | None
    loss_reason: str


@dataclass(kw_only=True)
class Opportunity(Aggregate):
    """A chance to sell something to somebody.

    `definition` is the number of the pipeline's definition that it goes by. `valued` is what the
    amount is worth in the base currency. `stage_forecast_category` holds in forecasts unless the
    details name another. `lead_id` is the lead that it has come of.
    """

    pipeline_id: UUID
    definition: int
    stage: str
    probability: int
    stage_forecast_category: ForecastCategory
    state: OpportunityState
    details: OpportunityDetails
    valued: Valued | None
    entry: Entry
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    overdue_since: datetime | None = None
    loss: Loss | None = None
    lead_id: UUID | None = None

    @property
    def standing(self) -> Standing:
        """What facts say of it now."""
        base = None if self.valued is None else self.valued.base
        return Standing(
            opportunity_id=self.id,
            pipeline_id=self.pipeline_id,
            stage=self.stage,
            probability=self.probability,
            details=self.details,
            base_amount=base,
            forecasts_as=self.forecasts_as,
            course=Course(
                state=self.state,
                entry=self.entry,
                opened_at=self.opened_at,
                closed_at=self.closed_at,
                loss_reason="" if self.loss is None else self.loss.reason,
            ),
            lead_id=self.lead_id,
        )

    @property
    def forecasts_as(self) -> str:
        """How it counts in forecasts: by its category, `closed` once won, `omitted` once lost."""
        if self.state is OpportunityState.WON:
            return "closed"
        if self.state is OpportunityState.LOST:
            return ForecastCategory.OMITTED
        return self.details.forecast_category or self.stage_forecast_category

    def open(self, stage: Stage) -> None:
        """Say that it is there. Raises `Invalid` for one without a name or what the stage asks for."""
        _require_name(self.details)
        missing = _missing_fields(stage, self.details, "")
        if missing:
            raise Invalid(f"The stage {stage.key!r} asks for more.", violations=tuple(missing))
        self.record(OpportunityOpened(self, self.standing))

    def change(self, details: OpportunityDetails, valued: Valued | None, now: datetime) -> None:
        """Take over `details`; nothing happens when nothing differs. Raises `Invalid`.

        What was won or lost keeps its amount; raises `Conflict` for another one.
        """
        _require_name(details)
        names = (one.name for one in fields(OpportunityDetails))
        changed = [n for n in names if getattr(details, n) != getattr(self.details, n)]
        if not changed:
            return
        if self.state is not OpportunityState.OPEN and "amount" in changed:
            raise _closed("Its amount stays as it was when it was closed.")
        before, base_before = self.details, None if self.valued is None else self.valued.base
        self.details, self.valued, self.updated_at = details, valued, now
        self.record(OpportunityChanged(self.standing, tuple(sorted(changed)), before, base_before))

    def move(
        self, definition: PipelineDefinition, target: Stage, evidence: Evidence, now: datetime
    ) -> None:
        """Go to another open stage, or win.

        Forwards, everything that the stages left behind ask for has to be met; raises `Conflict` that
        names all that is not, and for one that is closed or there already.
        """
        self._require_open()
        if target.key == self.stage:
            raise Conflict(f"It is in the stage {target.key!r} already.", code="stage_unchanged")
        unmet = self.unmet(definition, target, evidence)
        if unmet:
            raise Conflict(
                f"Before it moves to {target.key!r}, more has to be true; errors name it.",
                code="stage_criteria_unmet",
                violations=tuple(unmet),
            )
        left, entered_at = self.stage, self.entry.at
        self._enter(target, now)
        if target.kind is StageKind.WON:
            self.state, self.closed_at = OpportunityState.WON, now
            self.record(OpportunityWon(self.standing, left, self.opened_at, now))
        else:
            self.record(OpportunityMoved(self.standing, left, entered_at, now))

    def lose(self, target: Stage, loss: Loss, now: datetime) -> None:
        """Give up; no criteria stand in the way. Raises `Conflict` for one that is closed."""
        self._require_open()
        left = self.stage
        self._enter(target, now)
        self.state, self.closed_at, self.loss = OpportunityState.LOST, now, loss
        self.record(OpportunityLost(self.standing, left, loss.reason, self.opened_at, now))

    def reopen(self, target: Stage, now: datetime) -> None:
        """Go on with one that was won or lost. Raises `Conflict` for one that is open."""
        if self.state is OpportunityState.OPEN:
            raise Conflict("The opportunity is open.", code="opportunity_open")
        left = self.stage
        self._enter(target, now)
        self.state, self.closed_at, self.loss = OpportunityState.OPEN, None, None
        self.record(OpportunityReopened(self.standing, left, now))

    def adopt(self, number: int, target: Stage, now: datetime) -> None:
        """Go by another definition from now on, in a stage of that one. Raises `Conflict`, `Invalid`.

        In a stage with the same key it has not moved: its time there goes on.
        """
        self._require_open()
        missing = _missing_fields(target, self.details, "")
        if missing:
            raise Invalid(f"The stage {target.key!r} asks for more.", violations=tuple(missing))
        left, entered_at = self.stage, self.entry.at
        self.definition = number
        if target.key == left:
            self.probability, self.updated_at = target.probability, now
            self.stage_forecast_category = target.forecast_category
        else:
            self._enter(target, now)
        self.record(OpportunityMoved(self.standing, left, entered_at, now))

    def exceed(self, entry: int, max_days: int, now: datetime) -> bool:
        """Note that it has been in its stage for too long, if it is still there since that entry."""
        if self.entry.number != entry or self.state is not OpportunityState.OPEN:
            return False
        if self.overdue_since is not None:
            return False
        self.overdue_since = now
        self.record(OpportunityStageTimeExceeded(self.standing, self.entry.at, max_days))
        return True

    def unmet(
        self, definition: PipelineDefinition, target: Stage, evidence: Evidence
    ) -> Sequence[Violation]:
        """All that has to be true before it may move to the target, and is not."""
        wrong = [
            Violation(f"/stages/{stage.key}/exit_criteria/{one.key}", "criterion_unmet", message)
            for stage in definition.left_behind(self.stage, target.key)
            for one in stage.exit_criteria
            if (message := self._objection(one, evidence))
        ]
        return [*wrong, *_missing_fields(target, self.details, f"/stages/{target.key}")]

    def _objection(self, one: Criterion, evidence: Evidence) -> str:
        name = one.name.get("en") or next(iter(one.name.values()), one.key)
        if one.kind is CriterionKind.ROLE and one.role is not None:
            there = evidence.roles.get(one.role, 0)
            missing = f"{one.count} as {one.role} needed, {there} known"
        elif one.kind is CriterionKind.ACTIVITY and one.activity is not None:
            there = evidence.completed.get(one.activity, 0)
            missing = f"{one.count} completed of the kind {one.activity} needed, {there} there"
        elif one.at_least is not None:
            if self.valued is not None and self.valued.base.amount >= one.at_least:
                return ""
            return f"{name}: the amount has to be at least {one.at_least:f} in the base currency."
        else:
            filled = one.field is not None and is_filled(self.details, one.field)
            return "" if filled else f"{name}: {one.field} is missing."
        return "" if there >= one.count else f"{name}: {missing}."

    def _enter(self, target: Stage, now: datetime) -> None:
        self.stage, self.probability = target.key, target.probability
        self.stage_forecast_category = target.forecast_category
        self.entry = Entry(self.entry.number + 1, now)
        self.overdue_since, self.updated_at = None, now

    def _require_open(self) -> None:
        if self.state is not OpportunityState.OPEN:
            raise _closed(f"The opportunity was {self.state}; reopen it first.")


def is_filled(details: OpportunityDetails, name: OpportunityField) -> bool:
    """Whether a field says anything."""
    return getattr(details, name) not in (None, "", ())


def _missing_fields(stage: Stage, details: OpportunityDetails, at: str) -> Sequence[Violation]:
    return [
        Violation(f"{at}/{name}", "field_missing", f"The stage {stage.key!r} needs {name}.")
        for name in stage.required_fields
        if not is_filled(details, name)
    ]


def _require_name(details: OpportunityDetails) -> None:
    if not details.name.strip():
        raise Invalid.at("/name", "name_missing", "A name is needed.")


def _closed(message: str) -> Conflict:
    return Conflict(message, code="opportunity_closed")
