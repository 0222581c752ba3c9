"""The unit of work of notifications: what an operation can reach."""

from chassis.domain import IdFactory
from chassis.events.outbox import OutboxWriter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.signals import Signals


class NotificationsTx(UnitOfWork):
    """One transaction of notifications."""

    def __init__(
        self, work: Reading, ids: IdFactory, outbox: OutboxWriter, *, signals: Signals
    ) -> None:
        super().__init__(work, ids, outbox)
        self.signals = signals
