"""Facts about quotas to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import quota_events_pb2 as events
from rapport.sales.v1 import quota_pb2
from sales.encoding import id_or_none, money_or_none
from sales.quotas.domain import Quota, QuotaChanged, QuotaRemoved, QuotaSet


def _set(fact: QuotaSet) -> events.QuotaSet:
    return events.QuotaSet(quota_id=str(fact.quota.id), quota=_quota(fact.quota))


def _changed(fact: QuotaChanged) -> events.QuotaChanged:
    return events.QuotaChanged(quota_id=str(fact.quota.id), quota=_quota(fact.quota))


def _removed(fact: QuotaRemoved) -> events.QuotaRemoved:
    return events.QuotaRemoved(quota_id=str(fact.quota_id))


def _quota(quota: Quota) -> quota_pb2.Quota:
    valued = quota.target.amount
    return quota_pb2.Quota(
        user_id=id_or_none(quota.holder.user_id),
        team_id=id_or_none(quota.holder.team_id),
        first_on=quota.period.first.isoformat(),
        last_on=quota.period.last.isoformat(),
        measure=quota.measure,
        amount=None if valued is None else money_or_none(valued.given),
        deals=quota.target.deals or 0,
    )


QUOTA_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    QuotaSet: _set,
    QuotaChanged: _changed,
    QuotaRemoved: _removed,
}
