"""What the provider of pushed messages asks: which devices somebody has; and says: which are gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from chassis.context import service_caller
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from notifications.push.devices import Device
from notifications.push.operations import forget_devices
from notifications.push.queries import sealed_of
from notifications.secrecy import Secrecy
from notifications.transaction import NotificationsTx

_SERVICE = "notifications"


class StoredDevices:
    """The devices in the service's own database."""

    def __init__(self, operations: Operations[NotificationsTx], secrecy: Secrecy) -> None:
        self._operations = operations
        self._sealer = secrecy.sealer

    def of(self, tenant_id: UUID, owner_id: UUID) -> Mapping[UUID, Device]:
        """The devices of a person or a user."""
        caller = service_caller(_SERVICE, tenant_id)
        sealed = self._operations.read(caller, EVERYTHING, sealed_of, owner_id)
        return {one: Device.opened(content, self._sealer, tenant_id) for one, content in sealed}

    def gone(self, tenant_id: UUID, subscription_ids: Collection[UUID]) -> None:
        """Keep devices no longer that their push service does not know any more."""
        self._operations.run(service_caller(_SERVICE, tenant_id), forget_devices, subscription_ids)
