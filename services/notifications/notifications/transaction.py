"""The unit of work of notifications: what an operation can reach."""

from chassis.domain import IdFactory
from chassis.events.outbox import OutboxWriter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.inbox.storage import InboxRepository
from notifications.messages.storage import MessagesRepository
from notifications.policies.storage import PoliciesRepository
from notifications.providers.storage import ProvidersRepository
from notifications.push.storage import PushSubscriptionsRepository
from notifications.rules.storage import RulesRepository
from notifications.secrecy import Secrecy
from notifications.signals import Signals
from notifications.suppressions.storage import SuppressionsRepository
from notifications.templates.storage import TemplatesRepository
from notifications.webhooks.storage import EndpointsRepository


class NotificationsTx(UnitOfWork):
    """One transaction of notifications."""

    def __init__(
        self,
        work: Reading,
        ids: IdFactory,
        outbox: OutboxWriter,
        *,
        signals: Signals,
        secrecy: Secrecy,
    ) -> None:
        super().__init__(work, ids, outbox)
        self.signals = signals
        self.secrecy = secrecy
        self.messages = MessagesRepository(self)
        self.providers = ProvidersRepository(self)
        self.policies = PoliciesRepository(self)
        self.suppressions = SuppressionsRepository(self)
        self.push_subscriptions = PushSubscriptionsRepository(self)
        self.templates = TemplatesRepository(self)
        self.rules = RulesRepository(self)
        self.webhooks = EndpointsRepository(self)
        self.inbox = InboxRepository(self)
