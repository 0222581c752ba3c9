"""Recorded facts about templates to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from notifications.templates.domain import (
    TemplateArchived,
    TemplateCreated,
    TemplatePublished,
    TemplateRestored,
)
from rapport.notifications.events.v1 import template_events_pb2 as events


def _published(fact: TemplatePublished) -> events.TemplatePublished:
    return events.TemplatePublished(
        template_id=str(fact.template_id), key=fact.key, number=fact.number, is_new=fact.is_new
    )


TEMPLATE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    TemplateCreated: lambda fact: events.TemplateCreated(
        template_id=str(fact.template_id), key=fact.key
    ),
    TemplatePublished: _published,
    TemplateArchived: lambda fact: events.TemplateArchived(
        template_id=str(fact.template_id), key=fact.key
    ),
    TemplateRestored: lambda fact: events.TemplateRestored(
        template_id=str(fact.template_id), key=fact.key
    ),
}
"""What each of them becomes on the bus."""
