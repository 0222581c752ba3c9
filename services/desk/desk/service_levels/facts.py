"""Facts about policies of service levels to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none
from desk.service_levels.domain import (
    ServiceLevel,
    ServiceLevelArchived,
    ServiceLevelChanged,
    ServiceLevelCreated,
    ServiceLevelRestored,
)
from rapport.desk.events.v1 import service_level_events_pb2 as events
from rapport.desk.v1 import service_level_pb2


def _created(fact: ServiceLevelCreated) -> events.ServiceLevelCreated:
    return events.ServiceLevelCreated(**_about(fact.service_level))


def _changed(fact: ServiceLevelChanged) -> events.ServiceLevelChanged:
    return events.ServiceLevelChanged(**_about(fact.service_level))


def _archived(fact: ServiceLevelArchived) -> events.ServiceLevelArchived:
    return events.ServiceLevelArchived(**_about(fact.service_level))


def _restored(fact: ServiceLevelRestored) -> events.ServiceLevelRestored:
    return events.ServiceLevelRestored(**_about(fact.service_level))


def _about(service_level: ServiceLevel) -> dict[str, Any]:
    terms = service_level.terms
    told = service_level_pb2.ServiceLevel(
        name=terms.name,
        position=terms.position,
        business_calendar_id=id_or_none(terms.business_calendar_id),
    )
    return {"service_level_id": str(service_level.id), "service_level": told}


SERVICE_LEVEL_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ServiceLevelCreated: _created,
    ServiceLevelChanged: _changed,
    ServiceLevelArchived: _archived,
    ServiceLevelRestored: _restored,
}
