"""Facts about settings of the desk to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.desk_settings.domain import DeskSettingsChanged
from desk.encoding import id_or_none, moment
from rapport.desk.events.v1 import definition_events_pb2 as events


def _changed(fact: DeskSettingsChanged) -> events.DeskSettingsChanged:
    broken_promise = fact.preferences.broken_promise
    return events.DeskSettingsChanged(
        number_prefix=fact.preferences.number_prefix,
        close_after_days=fact.preferences.close_after_days,
        default_language=fact.preferences.default_language,
        changed_at=moment(fact.at),
        broken_promise_priority=broken_promise.raise_priority_to or "",
        broken_promise_queue_id=id_or_none(broken_promise.queue_id),
        broken_promise_assignee_id=id_or_none(broken_promise.assignee_id),
    )


DESK_SETTINGS_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    DeskSettingsChanged: _changed,
}
