"""What administrators do to pipelines; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid5

from sales.pipelines.built_in import FIRST_PIPELINE
from sales.pipelines.domain import Pipeline, PipelineDefinition
from sales.transaction import SalesTx


def define_pipeline(tx: SalesTx, definition: PipelineDefinition) -> Pipeline:
    """Define a pipeline. Raises `Invalid`."""
    pipeline = Pipeline.define(tx.ids.new(), definition, tx.clock.now())
    tx.pipelines.add(pipeline)
    return pipeline


def redefine_pipeline(
    tx: SalesTx, pipeline_id: UUID, change: Callable[[PipelineDefinition], PipelineDefinition]
) -> Pipeline:
    """Have a further definition hold for new opportunities. Raises `NotFound`, `Invalid`, `Conflict`."""
    pipeline = tx.pipelines.get(pipeline_id)
    pipeline.redefine(change(pipeline.definition), tx.clock.now())
    return pipeline


def archive_pipeline(tx: SalesTx, pipeline_id: UUID) -> Pipeline:
    """Have a pipeline take nothing new. Raises `NotFound`."""
    pipeline = tx.pipelines.get(pipeline_id)
    pipeline.archive(tx.clock.now())
    return pipeline


def restore_pipeline(tx: SalesTx, pipeline_id: UUID) -> Pipeline:
    """Take an archived pipeline back into use. Raises `NotFound`."""
    pipeline = tx.pipelines.get(pipeline_id)
    pipeline.restore(tx.clock.now())
    return pipeline


def give_first_pipeline(tx: SalesTx) -> None:
    """Have a new tenant start with a pipeline; nothing happens once it has one."""
    if not tx.pipelines.has_any():
        first = uuid5(tx.tenant_id, "pipeline:first")
        tx.pipelines.add(Pipeline.define(first, FIRST_PIPELINE, tx.clock.now()))
