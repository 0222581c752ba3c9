"""Facts about subscriptions to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import subscription_events_pb2 as events
from rapport.sales.v1.subscription_pb2 import MrrMovement, SubscriptionReference
from sales.encoding import id_or_none, money, money_or_none
from sales.recurring_revenue.domain import Movement
from sales.subscription_changes import domain
from sales.subscription_changes.domain import Standing


def _reference(standing: Standing) -> SubscriptionReference:
    details = standing.details
    return SubscriptionReference(
        subscription_id=str(standing.subscription_id),
        person_id=id_or_none(details.person_id),
        company_id=id_or_none(details.company_id),
        owner_id=id_or_none(details.owner_id),
        order_id=id_or_none(details.order_id),
        term_starts_on=standing.term_starts_on.isoformat(),
        ends_on=standing.ends_on.isoformat(),
        mrr=money(standing.mrr.amount, standing.mrr.currency),
        arr=money(standing.arr.amount, standing.arr.currency),
    )


def _movement(movement: Movement) -> MrrMovement:
    return MrrMovement(
        kind=movement.kind,
        amount=money(movement.amount.amount, movement.amount.currency),
        base_amount=money_or_none(movement.base_amount),
        moved_on=movement.moved_on.isoformat(),
    )


def _person(standing: Standing) -> str | None:
    return id_or_none(standing.details.person_id)


def _started(fact: domain.SubscriptionStarted) -> events.SubscriptionStarted:
    return events.SubscriptionStarted(
        person_id=_person(fact.standing),
        subscription=_reference(fact.standing),
        movement=_movement(fact.movement),
    )


def _changed(fact: domain.SubscriptionChanged) -> events.SubscriptionChanged:
    return events.SubscriptionChanged(
        subscription=_reference(fact.standing),
        changed_fields=fact.changed_fields,
        movement=None if fact.movement is None else _movement(fact.movement),
    )


def _paused(fact: domain.SubscriptionPaused) -> events.SubscriptionPaused:
    return events.SubscriptionPaused(
        person_id=_person(fact.standing),
        subscription=_reference(fact.standing),
        movement=_movement(fact.movement),
        resumes_on=None if fact.resumes_on is None else fact.resumes_on.isoformat(),
    )


def _resumed(fact: domain.SubscriptionResumed) -> events.SubscriptionResumed:
    return events.SubscriptionResumed(
        person_id=_person(fact.standing),
        subscription=_reference(fact.standing),
        movement=_movement(fact.movement),
    )


def _cancelled(fact: domain.SubscriptionCancelled) -> events.SubscriptionCancelled:
    return events.SubscriptionCancelled(
        person_id=_person(fact.standing),
        subscription=_reference(fact.standing),
        reason=fact.cancellation.reason,
        notice_waived=fact.cancellation.notice_waived,
    )


def _withdrawn(
    fact: domain.SubscriptionCancellationWithdrawn,
) -> events.SubscriptionCancellationWithdrawn:
    return events.SubscriptionCancellationWithdrawn(
        person_id=_person(fact.standing), subscription=_reference(fact.standing)
    )


def _renewal_due(
    fact: domain.SubscriptionRenewalReminderReached,
) -> events.SubscriptionRenewalReminderReached:
    return events.SubscriptionRenewalReminderReached(
        subscription=_reference(fact.standing),
        days_left=fact.days_left,
        renews_by_itself=fact.renews_by_itself,
        renewal_opportunity_id=id_or_none(fact.renewal_opportunity_id),
    )


def _renewed(fact: domain.SubscriptionRenewed) -> events.SubscriptionRenewed:
    return events.SubscriptionRenewed(
        person_id=_person(fact.standing),
        subscription=_reference(fact.standing),
        by_itself=fact.by_itself,
    )


def _ended(fact: domain.SubscriptionEnded) -> events.SubscriptionEnded:
    return events.SubscriptionEnded(
        person_id=_person(fact.standing),
        subscription=_reference(fact.standing),
        reason=fact.reason,
        movement=_movement(fact.movement),
    )


def _reactivated(fact: domain.SubscriptionReactivated) -> events.SubscriptionReactivated:
    return events.SubscriptionReactivated(
        person_id=_person(fact.standing),
        subscription=_reference(fact.standing),
        movement=_movement(fact.movement),
    )


SUBSCRIPTION_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.SubscriptionStarted: _started,
    domain.SubscriptionChanged: _changed,
    domain.SubscriptionPaused: _paused,
    domain.SubscriptionResumed: _resumed,
    domain.SubscriptionCancelled: _cancelled,
    domain.SubscriptionCancellationWithdrawn: _withdrawn,
    domain.SubscriptionRenewalReminderReached: _renewal_due,
    domain.SubscriptionRenewed: _renewed,
    domain.SubscriptionEnded: _ended,
    domain.SubscriptionReactivated: _reactivated,
}
