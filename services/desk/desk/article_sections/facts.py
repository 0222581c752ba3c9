"""Facts about sections to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.article_sections.domain import SectionChanged, SectionDefined, SectionRemoved
from desk.encoding import id_or_none
from rapport.desk.events.v1 import article_events_pb2 as events


def _defined(fact: SectionDefined) -> events.ArticleSectionDefined:
    return events.ArticleSectionDefined(
        section_id=str(fact.section.id),
        key=fact.section.key,
        parent_id=id_or_none(fact.section.terms.parent_id),
    )


def _changed(fact: SectionChanged) -> events.ArticleSectionChanged:
    return events.ArticleSectionChanged(
        section_id=str(fact.section.id),
        key=fact.section.key,
        parent_id=id_or_none(fact.section.terms.parent_id),
    )


def _removed(fact: SectionRemoved) -> events.ArticleSectionRemoved:
    return events.ArticleSectionRemoved(section_id=str(fact.section.id), key=fact.section.key)


SECTION_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    SectionDefined: _defined,
    SectionChanged: _changed,
    SectionRemoved: _removed,
}
