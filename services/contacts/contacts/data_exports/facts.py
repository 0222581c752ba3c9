"""Recorded facts about exports of people's data to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from contacts.data_exports.domain import (
    PersonDataExportCompleted,
    PersonDataExportDownloaded,
    PersonDataExportRequested,
)
from rapport.contacts.events.v1 import data_export_events_pb2 as events


def _requested(fact: PersonDataExportRequested) -> events.PersonDataExportRequested:
    return events.PersonDataExportRequested(
        export_id=str(fact.export_id), person_id=str(fact.person_id)
    )


def _completed(fact: PersonDataExportCompleted) -> events.PersonDataExportCompleted:
    export = fact.export
    message = events.PersonDataExportCompleted(
        export_id=str(export.id),
        person_id=str(export.person_id),
        record_count=sum(file.records for file in export.files),
        file_count=len(export.files),
    )
    if export.expires_at is not None:
        message.expires_at.FromDatetime(export.expires_at)
    return message


def _downloaded(fact: PersonDataExportDownloaded) -> events.PersonDataExportDownloaded:
    return events.PersonDataExportDownloaded(
        export_id=str(fact.export_id), person_id=str(fact.person_id)
    )


DATA_EXPORT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    PersonDataExportRequested: _requested,
    PersonDataExportCompleted: _completed,
    PersonDataExportDownloaded: _downloaded,
}
"""What each of them becomes on the bus."""
