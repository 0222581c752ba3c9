"""What administrators do to playbooks, and what playbooks do when stages are entered or leads fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.domain import Conflict, Invalid
from chassis.work.timers import Timer
from sales.activities.domain import ActivityDetails, Origin
from sales.activities.operations import plan_activity
from sales.opportunities.domain import Opportunity
from sales.pipelines.domain import StageKind
from sales.pipelines.storage import newest_definition
from sales.playbooks.domain import (
    MOST_PLAYBOOKS,
    Playbook,
    PlaybookDefinition,
    Step,
    require_sound,
)
from sales.transaction import SalesTx


def define_playbook(tx: SalesTx, definition: PlaybookDefinition) -> Playbook:
    """Define a playbook. Raises `Invalid`, `Conflict` when there are too many."""
    if tx.playbooks.count() >= MOST_PLAYBOOKS:
        message = f"There are {MOST_PLAYBOOKS} playbooks already."
        raise Conflict(message, code="too_many_playbooks")
    _require_stage(tx, definition)
    now = tx.clock.now()
    playbook = Playbook(id=tx.ids.new(), definition=definition, created_at=now, updated_at=now)
    playbook.define()
    tx.playbooks.add(playbook)
    return playbook


def redefine_playbook(
    tx: SalesTx, playbook_id: UUID, change: Callable[[PlaybookDefinition], PlaybookDefinition]
) -> Playbook:
    """Change a playbook; what it has put in place stays. Raises `NotFound`, `Invalid`, `Conflict`."""
    playbook = tx.playbooks.get(playbook_id)
    definition = change(playbook.definition)
    if definition.stage != playbook.definition.stage or definition.is_for_leads:
        _require_stage(tx, definition)
    playbook.redefine(definition, tx.clock.now())
    return playbook


def archive_playbook(tx: SalesTx, playbook_id: UUID) -> Playbook:
    """Have a playbook put nothing in place any more. Raises `NotFound`."""
    playbook = tx.playbooks.get(playbook_id)
    playbook.archive(tx.clock.now())
    return playbook


def restore_playbook(tx: SalesTx, playbook_id: UUID) -> Playbook:
    """Take an archived playbook back into use. Raises `NotFound`."""
    playbook = tx.playbooks.get(playbook_id)
    playbook.restore(tx.clock.now())
    return playbook


def put_in_place(tx: SalesTx, opportunity: Opportunity, stage: str) -> None:
    """Plan what the stage's playbooks say, in the transaction of the entry: once for each entry."""
    for playbook_id, steps in tx.playbooks.called_for(opportunity.pipeline_id, stage):
        for step in steps:
            origin = Origin(playbook_id, step.key, opportunity.entry.number)
            details = _planned(step, opportunity.entry.at, opportunity.details.owner_id)
            plan_activity(tx, replace(details, opportunity_id=opportunity.id), origin=origin)


def begin_for_lead(tx: SalesTx, timer: Timer) -> None:
    """Plan what playbooks say that a lead fits, if it still does: once for each lead and playbook."""
    for lead in tx.leads.get_many([UUID(timer.key)]):
        if not lead.is_open:
            return
        now = tx.clock.now()
        for playbook_id, definition in tx.playbooks.fitting(lead):
            tx.playbooks.begin(playbook_id, lead.id, now)
            for step in definition.steps:
                details = _planned(step, now, lead.details.owner_id)
                origin = Origin(playbook_id, step.key, 1)
                plan_activity(tx, replace(details, lead_id=lead.id), origin=origin)


def _planned(step: Step, begun_at: datetime, owner_id: UUID | None) -> ActivityDetails:
    due_at = remind_at = None
    if step.due_after_hours is not None:
        due_at = begun_at + timedelta(hours=step.due_after_hours)
        if step.remind_hours_before is not None:
            remind_at = due_at - timedelta(hours=step.remind_hours_before)
    return ActivityDetails(
        kind=step.kind,
        subject=step.subject,
        description=step.description,
        owner_id=step.owner_id or owner_id,
        due_at=due_at,
        remind_at=remind_at,
    )


def _require_stage(tx: SalesTx, definition: PlaybookDefinition) -> None:
    """Check that what it begins with is there. Raises `Invalid`."""
    require_sound(definition)
    if definition.pipeline_id is None:
        return
    found = newest_definition(tx, definition.pipeline_id)
    if found is None:
        message = f"There is no pipeline {definition.pipeline_id}."
        raise Invalid.at("/pipeline_id", "pipeline_unknown", message)
    stage = found[1].stage(definition.stage)
    if stage is None or stage.kind is not StageKind.OPEN:
        message = f"The pipeline has no open stage {definition.stage!r}."
        raise Invalid.at("/stage", "stage_unknown", message)
