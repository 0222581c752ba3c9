"""Adds and removes devices; each function is one transaction."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from chassis.domain import NotFound
from notifications.push.devices import Device
from notifications.push.domain import MOST_DEVICES, DeviceOwner, PushSubscription
from notifications.transaction import NotificationsTx

ENDPOINT_TAKEN = "push_subscriptions_endpoint_unique"


def subscribe_device(
    tx: NotificationsTx, owner: DeviceOwner, device: Device, label: str
) -> PushSubscription:
    """Push to a device from now on; one that is known gets the new keys and belongs to the owner.

    When there are too many of an owner, the oldest go.
    """
    tx.try_again_on(ENDPOINT_TAKEN)
    fingerprint = tx.secrecy.fingerprints.of("push", device.endpoint)
    sealed = device.sealed(tx.secrecy.sealer, tx.tenant_id)
    known = tx.push_subscriptions.at(fingerprint)
    if known is not None:
        known.renew(owner, sealed, label)
        return known
    for oldest in tx.push_subscriptions.of(owner)[MOST_DEVICES - 1 :]:
        _end(tx, oldest, gone=False)
    added = PushSubscription.add(tx.ids.new(), owner, fingerprint, sealed, label, tx.clock.now())
    tx.push_subscriptions.add(added)
    return added


def unsubscribe_device(
    tx: NotificationsTx, subscription_id: UUID, only_of: DeviceOwner | None = None
) -> None:
    """Push to a device no longer. Raises `NotFound`, also for one that is not the owner's."""
    subscription = tx.push_subscriptions.get(subscription_id)
    if only_of is not None and subscription.owner != only_of:
        raise NotFound.of("push subscription", subscription_id)
    _end(tx, subscription, gone=False)


def forget_devices(tx: NotificationsTx, subscription_ids: Collection[UUID]) -> None:
    """Remove devices that their push service knows no longer."""
    for subscription in tx.push_subscriptions.get_many(list(subscription_ids)):
        _end(tx, subscription, gone=True)


def forget_person(tx: NotificationsTx, person_id: UUID) -> None:
    """Remove all devices of somebody who is erased."""
    for subscription in tx.push_subscriptions.of(DeviceOwner(person_id=person_id)):
        _end(tx, subscription, gone=False)


def _end(tx: NotificationsTx, subscription: PushSubscription, *, gone: bool) -> None:
    subscription.end(gone=gone)
    tx.push_subscriptions.remove(subscription)
