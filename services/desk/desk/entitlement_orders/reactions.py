"""Hears from sales who has subscribed to a service product, and has them have a contract of it.

A subscription names its order and no product; the order names its products and no subscription. Each
is kept as it comes, and contracts follow once both are known.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from desk.assets.domain import Owner
from desk.entitlement_orders.storage import (
    Subscription,
    keep_service_skus,
    keep_subscription,
    service_skus,
    subscriptions_of,
)
from desk.entitlements.domain import (
    FIRST_DAY,
    LAST_DAY,
    Coverage,
    EntitlementStatus,
    EntitlementTerms,
)
from desk.entitlements.operations import add_entitlement, reckon_anew
from desk.entitlements.timing import wait
from desk.people.named import current_or_none
from desk.service_products.domain import ServiceProduct
from desk.service_products.storage import products_by_sku
from desk.transaction import DeskTx
from rapport.sales.events.v1 import subscription_events_pb2 as events
from rapport.sales.events.v1.order_events_pb2 import OrderPlaced
from rapport.sales.v1.subscription_pb2 import SubscriptionReference

_ACTIVE, _SUSPENDED, _ENDED = (
    EntitlementStatus.ACTIVE,
    EntitlementStatus.SUSPENDED,
    EntitlementStatus.ENDED,
)
_STATUSES = {
    events.SubscriptionStarted: _ACTIVE,
    events.SubscriptionResumed: _ACTIVE,
    events.SubscriptionRenewed: _ACTIVE,
    events.SubscriptionReactivated: _ACTIVE,
    events.SubscriptionPaused: _SUSPENDED,
    events.SubscriptionEnded: _ENDED,
    # These say nothing of whether it rests.
    events.SubscriptionChanged: None,
    events.SubscriptionCancelled: None,
    events.SubscriptionCancellationWithdrawn: None,
}


def on_order_placed(tx: DeskTx, fact: OrderPlaced, _envelope: Envelope) -> None:
    """Know which service products an order has."""
    products = products_by_sku(tx, [line.sku for line in fact.lines])
    if products:
        order_id = UUID(fact.order_id)
        keep_service_skus(tx, order_id, [each.sku for each in products])
        _settle(tx, order_id)


def on_subscription_told(tx: DeskTx, fact: events.SubscriptionStarted, envelope: Envelope) -> None:
    """Know how a subscription stands that came from an order."""
    about: SubscriptionReference = fact.subscription
    if not about.HasField("order_id"):
        return
    status = _STATUSES[type(fact)]
    subscription = Subscription(
        id=UUID(about.subscription_id),
        order_id=UUID(about.order_id),
        owner=Owner(
            current_or_none(tx, UUID(about.person_id) if about.HasField("person_id") else None),
            UUID(about.company_id) if about.HasField("company_id") else None,
        ),
        starts_on=_day(about.term_starts_on),
        ends_on=_day(about.ends_on),
        status=status or _ACTIVE,
    )
    keep_subscription(tx, subscription, envelope.aggregate_version, tells_status=status is not None)
    _settle(tx, subscription.order_id)


def follow_subscriptions(reactions: Reactions) -> Reactions:
    """React to what sales says of subscriptions; gives the same."""
    reactions.on(OrderPlaced, on_order_placed)
    for message in _STATUSES:
        reactions.on(message, on_subscription_told)
    return reactions


def _settle(tx: DeskTx, order_id: UUID) -> None:
    subscriptions = subscriptions_of(tx, order_id)
    skus = service_skus(tx, order_id) if subscriptions else ()
    products = {each.sku: each for each in products_by_sku(tx, skus)}
    for subscription in subscriptions:
        for sku in skus:
            _settle_one(tx, subscription, sku, products.get(sku))


def _settle_one(
    tx: DeskTx, subscription: Subscription, sku: str, product: ServiceProduct | None
) -> None:
    """Have the contract hold as the subscription does; one that was ended by hand stays ended."""
    known = tx.entitlements.of_subscription(subscription.id, sku)
    now, status = tx.clock.now(), subscription.status
    if known is None:
        if product is None or subscription.owner.is_nobody or status is _ENDED:
            return
        known = add_entitlement(
            tx,
            subscription.owner,
            _terms(product, subscription),
            service_sku=sku,
            subscription_id=subscription.id,
        )
    if status is _ENDED:
        known.end("subscription", now)
    elif known.status is not _ENDED or subscription.ends_on > known.terms.ends_on:
        before = known.terms
        known.follow_term(subscription.starts_on, subscription.ends_on, status, now)
        reckon_anew(tx, known, before)
    wait(tx, known)


def _terms(product: ServiceProduct, subscription: Subscription) -> EntitlementTerms:
    return EntitlementTerms(
        name=product.terms.name,
        starts_on=subscription.starts_on,
        ends_on=max(subscription.ends_on, subscription.starts_on),
        coverage=Coverage(product.terms.covers),
        allowance=product.terms.allowance,
        notice_days=product.terms.notice_days,
    )


def _day(text: str) -> date:
    """A day, as near as contracts may lie."""
    return min(max(date.fromisoformat(text), FIRST_DAY), LAST_DAY)
