"""Facts about parts in buying to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import opportunity_events_pb2 as events
from sales.buying_roles.domain import BuyingRolesAssigned, BuyingRolesRemoved


def _assigned(fact: BuyingRolesAssigned) -> events.BuyingRolesAssigned:
    return events.BuyingRolesAssigned(
        opportunity_id=str(fact.opportunity_id),
        person_id=str(fact.person_id),
        roles=fact.part.roles,
        attitude=fact.part.attitude,
        influence=fact.part.influence or 0,
    )


def _removed(fact: BuyingRolesRemoved) -> events.BuyingRolesRemoved:
    return events.BuyingRolesRemoved(
        opportunity_id=str(fact.opportunity_id), person_id=str(fact.person_id)
    )


BUYING_ROLE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    BuyingRolesAssigned: _assigned,
    BuyingRolesRemoved: _removed,
}
