"""What is to be done when an opportunity enters a stage, or a lead fits: steps of activities (SA-8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation
from sales.lead_conditions.domain import LeadCondition, wrong_conditions
from sales.leads.domain import Lead
from sales.pipelines.domain import ActivityKind

MOST_STEPS = 50
MOST_PLAYBOOKS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One activity: due so many hours after the beginning, and whose if not the owner's."""

    key: str
    kind: ActivityKind
    subject: str
    description: str = ""
    due_after_hours: int | None = None
    remind_hours_before: int | None = None
    owner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PlaybookDefinition:
    """For which stage of which pipeline, or else for leads that fit all conditions; and the steps."""

    name: Mapping[str, str]
    pipeline_id: UUID | None
    stage: str
    steps: tuple[Step, ...]
    lead_conditions: tuple[LeadCondition, ...] = ()

    @property
    def is_for_leads(self) -> bool:
        """Whether it begins with leads, and not with the stages of a pipeline."""
        return self.pipeline_id is None

    def fits(self, lead: Lead) -> bool:
        """Whether it is to begin for the lead, as that is now."""
        return self.is_for_leads and all(one.holds(lead) for one in self.lead_conditions)


@dataclass(frozen=True, slots=True)
class PlaybookDefined(Fact):
    """A playbook is new or different."""

    playbook_id: UUID
    definition: PlaybookDefinition


@dataclass(frozen=True, slots=True)
class PlaybookArchived(Fact):
    """A playbook puts nothing in place."""

    playbook_id: UUID


@dataclass(frozen=True, slots=True)
class PlaybookRestored(Fact):
    """An archived playbook is back in use."""

    playbook_id: UUID


@dataclass(kw_only=True)
class Playbook(Aggregate):
    """What a good seller would do now, for everybody to do."""

    definition: PlaybookDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Say that it is there. Raises `Invalid` that names everything wrong with it."""
        require_sound(self.definition)
        self.record(PlaybookDefined(self.id, self.definition))

    def redefine(self, definition: PlaybookDefinition, now: datetime) -> None:
        """Put something else in place from now on; what is there stays.

        Nothing happens when nothing differs. Raises `Invalid`, `Conflict` for an archived one.
        """
        if self.archived_at is not None:
            raise Conflict("The playbook is archived; restore it first.", code="playbook_archived")
        require_sound(definition)
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(PlaybookDefined(self.id, definition))

    def archive(self, now: datetime) -> None:
        """Put nothing in place any more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(PlaybookArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Take back into use; nothing happens to one that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(PlaybookRestored(self.id))


def require_sound(definition: PlaybookDefinition) -> None:
    """Check that its steps can be put in place. Raises `Invalid` that names everything wrong."""
    wrong = [*_wrong_beginning(definition)]
    seen: set[str] = set()
    for place, step in enumerate(definition.steps):
        at = f"/steps/{place}"
        if step.key in seen:
            wrong.append(Violation(f"{at}/key", "key_repeated", f"{step.key!r} is there twice."))
        seen.add(step.key)
        if not step.subject.strip():
            wrong.append(Violation(f"{at}/subject", "subject_missing", "A subject is needed."))
        if step.remind_hours_before is not None and step.due_after_hours is None:
            message = "A reminder needs a time at which the step is due."
            wrong.append(Violation(f"{at}/remind_hours_before", "due_missing", message))
    if wrong:
        raise Invalid("Such a playbook cannot be.", violations=tuple(wrong))


def _wrong_beginning(definition: PlaybookDefinition) -> Sequence[Violation]:
    if not definition.is_for_leads:
        if definition.lead_conditions:
            message = "A playbook is for a stage of a pipeline or for leads, not for both."
            return (Violation("/lead_conditions", "stage_and_leads", message),)
        if not definition.stage:
            return (Violation("/stage", "stage_missing", "The stage of the pipeline is needed."),)
        return ()
    if definition.stage:
        message = "A stage needs its pipeline."
        return (Violation("/pipeline_id", "pipeline_missing", message),)
    if not definition.lead_conditions:
        message = "Either a pipeline with a stage is needed, or conditions that leads fit."
        return (Violation("/lead_conditions", "beginning_missing", message),)
    return wrong_conditions(definition.lead_conditions, "/lead_conditions")
