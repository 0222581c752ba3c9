"""Facts about territories to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import assignment_events_pb2 as events
from sales.territories.domain import TerritoryArchived, TerritoryDefined, TerritoryRestored


def _defined(fact: TerritoryDefined) -> events.TerritoryDefined:
    return events.TerritoryDefined(
        territory_id=str(fact.territory_id), user_ids=map(str, fact.definition.user_ids)
    )


def _archived(fact: TerritoryArchived) -> events.TerritoryArchived:
    return events.TerritoryArchived(territory_id=str(fact.territory_id))


def _restored(fact: TerritoryRestored) -> events.TerritoryRestored:
    return events.TerritoryRestored(territory_id=str(fact.territory_id))


TERRITORY_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    TerritoryDefined: _defined,
    TerritoryArchived: _archived,
    TerritoryRestored: _restored,
}
