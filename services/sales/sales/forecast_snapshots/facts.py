"""Facts about snapshots of forecasts to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import forecast_events_pb2 as events
from sales.encoding import moment
from sales.forecast_snapshots.domain import ForecastSettingsChanged, ForecastSnapshotTaken


def _chosen(fact: ForecastSettingsChanged) -> events.ForecastSettingsChanged:
    return events.ForecastSettingsChanged(
        cadence=fact.settings.cadence, lengths=fact.settings.lengths
    )


def _taken(fact: ForecastSnapshotTaken) -> events.ForecastSnapshotTaken:
    one = fact.snapshot
    return events.ForecastSnapshotTaken(
        snapshot_id=str(one.id),
        first_on=one.period.first.isoformat(),
        last_on=one.period.last.isoformat(),
        scheduled=one.scheduled,
        taken_at=moment(one.taken_at),
    )


FORECAST_SNAPSHOT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ForecastSettingsChanged: _chosen,
    ForecastSnapshotTaken: _taken,
}
