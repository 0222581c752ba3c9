"""Facts about pipelines to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import pipeline_events_pb2 as events
from sales.pipelines.domain import PipelineArchived, PipelineDefined, PipelineRestored


def _defined(fact: PipelineDefined) -> events.PipelineDefined:
    return events.PipelineDefined(
        pipeline_id=str(fact.pipeline_id), definition=fact.number, stages=fact.stages
    )


def _archived(fact: PipelineArchived) -> events.PipelineArchived:
    return events.PipelineArchived(pipeline_id=str(fact.pipeline_id))


def _restored(fact: PipelineRestored) -> events.PipelineRestored:
    return events.PipelineRestored(pipeline_id=str(fact.pipeline_id))


PIPELINE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    PipelineDefined: _defined,
    PipelineArchived: _archived,
    PipelineRestored: _restored,
}
