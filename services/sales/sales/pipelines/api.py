"""Pipelines over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.pipelines import operations, queries
from sales.pipelines.domain import Pipeline
from sales.pipelines.models import (
    DefinitionsOut,
    PipelineIn,
    PipelineOut,
    PipelinePatch,
    changed,
    definition_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.pipelines.read"
WRITE = "sales.pipelines.write"

pipelines = Routes("/v1/sales/pipelines", tag="pipelines")


@pipelines.get("", permission=READ, listing=queries.PIPELINES, returns=PipelineOut)
def list_pipelines(call: Call[SalesTx], listing: Listing) -> Reply:
    """List pipelines with their stages."""
    return Reply(call.read(queries.list_pipelines, listing))


@pipelines.post("", permission=WRITE, body=PipelineIn, returns=PipelineOut, status=201)
def define_pipeline(call: Call[SalesTx], body: PipelineIn) -> Response:
    """Define a pipeline."""
    definition = definition_in(body)

    def reply(_tx: SalesTx, pipeline: Pipeline) -> Reply:
        return Reply.created(f"{pipelines.prefix}/{pipeline.id}", shown(pipeline), pipeline.version)

    return call.run(lambda tx: operations.define_pipeline(tx, definition), reply)


@pipelines.get("/<uuid:pipeline_id>", permission=READ, returns=PipelineOut)
def get_pipeline(call: Call[SalesTx], pipeline_id: UUID) -> Reply:
    """Get a pipeline by its newest definition."""
    pipeline = call.read(queries.get_pipeline, pipeline_id)
    return Reply(pipeline, version=pipeline["version"])


@pipelines.get("/<uuid:pipeline_id>/definitions", permission=READ, returns=DefinitionsOut)
def list_pipeline_definitions(call: Call[SalesTx], pipeline_id: UUID) -> Reply:
    """List all definitions that a pipeline has had, the newest first."""
    return Reply(call.read(queries.list_definitions, pipeline_id))


@pipelines.patch(
    "/<uuid:pipeline_id>",
    permission=WRITE,
    body=PipelinePatch,
    returns=PipelineOut,
    problems=(409,),
)
def redefine_pipeline(call: Call[SalesTx], body: PipelinePatch, pipeline_id: UUID) -> Response:
    """Change a pipeline for what is opened from now on.

    Opportunities that are under way go on by the definition that they began with, until somebody
    has one of them go by the newest.
    """
    return call.run(
        lambda tx: operations.redefine_pipeline(tx, pipeline_id, lambda old: changed(old, body)),
        _shown,
    )


@pipelines.delete("/<uuid:pipeline_id>", permission=WRITE)
def archive_pipeline(call: Call[SalesTx], pipeline_id: UUID) -> Response:
    """Archive a pipeline: it takes nothing new, and what is in it goes on."""
    return call.run(
        lambda tx: operations.archive_pipeline(tx, pipeline_id),
        lambda _tx, _pipeline: Reply.nothing(),
    )


@pipelines.post("/<uuid:pipeline_id>/restore", permission=WRITE, returns=PipelineOut)
def restore_pipeline(call: Call[SalesTx], pipeline_id: UUID) -> Response:
    """Take an archived pipeline back into use."""
    return call.run(lambda tx: operations.restore_pipeline(tx, pipeline_id), _shown)


def _shown(_tx: SalesTx, pipeline: Pipeline) -> Reply:
    return Reply(shown(pipeline), version=pipeline.version)
