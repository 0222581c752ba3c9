"""Facts about playbooks to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import activity_events_pb2 as events
from sales.encoding import id_or_none
from sales.playbooks.domain import PlaybookArchived, PlaybookDefined, PlaybookRestored


def _defined(fact: PlaybookDefined) -> events.PlaybookDefined:
    definition = fact.definition
    return events.PlaybookDefined(
        playbook_id=str(fact.playbook_id),
        pipeline_id=id_or_none(definition.pipeline_id) or "",
        stage=definition.stage,
        for_leads=definition.is_for_leads,
        steps=[step.key for step in definition.steps],
    )


def _archived(fact: PlaybookArchived) -> events.PlaybookArchived:
    return events.PlaybookArchived(playbook_id=str(fact.playbook_id))


def _restored(fact: PlaybookRestored) -> events.PlaybookRestored:
    return events.PlaybookRestored(playbook_id=str(fact.playbook_id))


PLAYBOOK_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    PlaybookDefined: _defined,
    PlaybookArchived: _archived,
    PlaybookRestored: _restored,
}
