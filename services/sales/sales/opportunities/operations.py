"""What users do to opportunities; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.domain import Conflict, Invalid, Violation
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.activities.storage import completed_kinds
from sales.buying_roles.storage import people_by_role
from sales.exchange_rates.domain import Valued
from sales.exchange_rates.operations import value_in_base
from sales.opportunities.domain import (
    Entry,
    Evidence,
    Loss,
    Opportunity,
    OpportunityDetails,
    OpportunityState,
)
from sales.people.named import current_or_none
from sales.pipelines.domain import PipelineDefinition, Stage, StageKind
from sales.pipelines.storage import definition_numbered, newest_definition
from sales.playbooks.operations import put_in_place
from sales.products.storage import products_by_id
from sales.reasons.domain import ReasonKind
from sales.reasons.operations import require_reason
from sales.transaction import SalesTx

STAGE_TIMER = "opportunity_stage"


def open_opportunity(
    tx: SalesTx,
    pipeline_id: UUID,
    details: OpportunityDetails,
    stage: str | None = None,
    *,
    lead_id: UUID | None = None,
) -> Opportunity:
    """Open an opportunity in the first stage of a pipeline, or in another open one.

    It is the caller's own unless the details name an owner; `lead_id` is the lead that it comes of.
    Raises `Invalid`, `Conflict` for an archived pipeline, and when the amount cannot be valued.
    """
    number, definition, archived = _newest(tx, pipeline_id)
    if archived:
        message = "The pipeline is archived: it takes nothing new."
        raise Conflict(message, code="pipeline_archived")
    where = _open_stage(definition, stage or definition.first().key)
    _require_products(tx, details)
    owner_id, now = details.owner_id or tx.caller.user_id, tx.clock.now()
    person_id = current_or_none(tx, details.person_id)
    details = replace(details, owner_id=owner_id, person_id=person_id)
    opportunity = Opportunity(
        id=tx.ids.new(),
        pipeline_id=pipeline_id,
        definition=number,
        stage=where.key,
        probability=where.probability,
        stage_forecast_category=where.forecast_category,
        state=OpportunityState.OPEN,
        details=details,
        valued=_valued(tx, details),
        entry=Entry(1, now),
        opened_at=now,
        updated_at=now,
        lead_id=lead_id,
    )
    opportunity.open(where)
    tx.opportunities.add(opportunity)
    _entered(tx, opportunity, where, None)
    return opportunity


def change_opportunity(
    tx: SalesTx, opportunity_id: UUID, changes: Mapping[str, Any]
) -> Opportunity:
    """Change what is mentioned; another amount is valued by today's rate.

    Raises `NotFound`, `Invalid`, `Conflict` for the amount of one that is closed.
    """
    opportunity = tx.opportunities.get(opportunity_id)
    details = replace(opportunity.details, **changes)
    if "product_ids" in changes:
        _require_products(tx, details)
    if "person_id" in changes:
        details = replace(details, person_id=current_or_none(tx, details.person_id))
    valued = opportunity.valued
    if details.amount != opportunity.details.amount:
        valued = _valued(tx, details)
    opportunity.change(details, valued, tx.clock.now())
    return opportunity


def move_opportunity(tx: SalesTx, opportunity_id: UUID, stage: str) -> Opportunity:
    """Move an opportunity to another open stage, or win it.

    What is won is valued once more, by the rate of that day. Raises `NotFound`, `Invalid` for a stage
    that there is not or in which opportunities are lost, `Conflict` that names all that is unmet.
    """
    opportunity = tx.opportunities.get(opportunity_id)
    definition = definition_numbered(tx, opportunity.pipeline_id, opportunity.definition)
    target, now = _stage(definition, stage), tx.clock.now()
    if target.kind is StageKind.LOST:
        message = f"In {stage!r} opportunities are lost: that takes a reason, and POST …/lose."
        raise Invalid.at("/stage", "stage_of_losses", message)
    if target.kind is StageKind.WON and opportunity.details.amount is not None:
        opportunity.valued = _valued(tx, opportunity.details)
    opportunity.move(definition, target, evidence_about(tx, opportunity_id), now)
    _entered(tx, opportunity, target, now)
    return opportunity


def lose_opportunity(
    tx: SalesTx, opportunity_id: UUID, loss: Loss, stage: str | None = None
) -> Opportunity:
    """Give an opportunity up, with a reason. Raises `NotFound`, `Invalid`, `Conflict`."""
    opportunity = tx.opportunities.get(opportunity_id)
    require_reason(tx, ReasonKind.LOSS, loss.reason)
    definition = definition_numbered(tx, opportunity.pipeline_id, opportunity.definition)
    ends = [one for one in definition.stages if one.kind is StageKind.LOST]
    target = ends[0] if stage is None else _stage(definition, stage)
    if target not in ends:
        message = f"In {stage!r} nothing is lost; {', '.join(one.key for one in ends)} would do."
        raise Invalid.at("/stage", "stage_not_of_losses", message)
    now = tx.clock.now()
    opportunity.lose(target, loss, now)
    _entered(tx, opportunity, target, now)
    return opportunity


def reopen_opportunity(tx: SalesTx, opportunity_id: UUID, stage: str | None = None) -> Opportunity:
    """Go on with an opportunity that was won or lost, in the first stage unless one is named.

    Raises `NotFound`, `Invalid` for a stage that is not open, `Conflict` for one that is.
    """
    opportunity = tx.opportunities.get(opportunity_id)
    definition = definition_numbered(tx, opportunity.pipeline_id, opportunity.definition)
    target, now = _open_stage(definition, stage or definition.first().key), tx.clock.now()
    opportunity.reopen(target, now)
    _entered(tx, opportunity, target, now)
    return opportunity


def adopt_definition(tx: SalesTx, opportunity_id: UUID, stage: str | None = None) -> Opportunity:
    """Have an opportunity go by its pipeline's newest definition, in its stage or the named one.

    Raises `NotFound`, `Invalid` when the newest definition has no such open stage or the stage asks
    for more, `Conflict` for a closed one.
    """
    opportunity = tx.opportunities.get(opportunity_id)
    number, definition, _ = _newest(tx, opportunity.pipeline_id)
    target, now = _open_stage(definition, stage or opportunity.stage), tx.clock.now()
    entry = opportunity.entry.number
    if number == opportunity.definition and target.key == opportunity.stage:
        return opportunity
    opportunity.adopt(number, target, now)
    if opportunity.entry.number != entry:
        _entered(tx, opportunity, target, now)
    else:
        _time_the_stage(tx, opportunity, target)
    return opportunity


def evidence_about(tx: SalesTx, opportunity_id: UUID) -> Evidence:
    """What criteria look at besides the opportunity itself."""
    return Evidence(people_by_role(tx, opportunity_id), completed_kinds(tx, opportunity_id))


def stage_time_is_up(tx: SalesTx, timer: Timer) -> None:
    """Tell, once for each entry, that an opportunity has been in its stage for too long."""
    found = tx.opportunities.get_many([UUID(timer.key)])
    if found:
        found[0].exceed(timer.data["entry"], timer.data["max_days"], tx.clock.now())


def _entered(tx: SalesTx, opportunity: Opportunity, stage: Stage, left_at: datetime | None) -> None:
    """What follows when an opportunity enters a stage: history, time, and what playbooks say."""
    tx.opportunities.note_entry(opportunity, left_at)
    _time_the_stage(tx, opportunity, stage)
    if stage.kind is StageKind.OPEN:
        put_in_place(tx, opportunity, stage.key)


def _time_the_stage(tx: SalesTx, opportunity: Opportunity, stage: Stage) -> None:
    key = str(opportunity.id)
    if stage.max_days is None:
        cancel_timer(tx, STAGE_TIMER, key)
        return
    due = opportunity.entry.at + timedelta(days=stage.max_days)
    about = {"entry": opportunity.entry.number, "max_days": stage.max_days}
    set_timer(tx, STAGE_TIMER, key, due, about)


def _valued(tx: SalesTx, details: OpportunityDetails) -> Valued | None:
    return None if details.amount is None else value_in_base(tx, details.amount)


def _require_products(tx: SalesTx, details: OpportunityDetails) -> None:
    known = products_by_id(tx, set(details.product_ids)) if details.product_ids else {}
    wrong = [
        Violation(f"/product_ids/{place}", "product_unknown", f"There is no product {one}.")
        for place, one in enumerate(details.product_ids)
        if one not in known
    ]
    if wrong:
        raise Invalid("Not all products are known.", violations=tuple(wrong))


def _newest(tx: SalesTx, pipeline_id: UUID) -> tuple[int, PipelineDefinition, bool]:
    found = newest_definition(tx, pipeline_id)
    if found is None:
        message = f"There is no pipeline {pipeline_id}."
        raise Invalid.at("/pipeline_id", "pipeline_unknown", message)
    return found


def _stage(definition: PipelineDefinition, key: str) -> Stage:
    stage = definition.stage(key)
    if stage is None:
        known = ", ".join(one.key for one in definition.stages)
        message = f"The pipeline has no stage {key!r}; it has {known}."
        raise Invalid.at("/stage", "stage_unknown", message)
    return stage


def _open_stage(definition: PipelineDefinition, key: str) -> Stage:
    stage = _stage(definition, key)
    if stage.kind is not StageKind.OPEN:
        raise Invalid.at("/stage", "stage_closed", f"The stage {key!r} is not an open one.")
    return stage
