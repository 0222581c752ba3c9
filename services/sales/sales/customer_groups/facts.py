"""Facts about customer groups to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import product_events_pb2 as events
from sales.customer_groups.domain import CustomerGroupJoined, CustomerGroupLeft
from sales.encoding import id_or_none


def _joined(fact: CustomerGroupJoined) -> events.CustomerGroupJoined:
    one = fact.membership
    return events.CustomerGroupJoined(
        membership_id=str(one.id),
        group_key=one.group,
        person_id=id_or_none(one.person_id),
        company_id=id_or_none(one.company_id),
    )


def _left(fact: CustomerGroupLeft) -> events.CustomerGroupLeft:
    one = fact.membership
    return events.CustomerGroupLeft(
        membership_id=str(one.id),
        group_key=one.group,
        person_id=id_or_none(one.person_id),
        company_id=id_or_none(one.company_id),
    )


CUSTOMER_GROUP_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    CustomerGroupJoined: _joined,
    CustomerGroupLeft: _left,
}
