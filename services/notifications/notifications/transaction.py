"""The unit of work of notifications: what an operation can reach."""

from chassis.domain import IdFactory
from chassis.events.outbox import OutboxWriter
from chassis.storage.parts import Part
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
    """One transaction of notifications. What rows refer to is declared, and so written, before them."""

    messages = Part(MessagesRepository)
    providers = Part(ProvidersRepository)
    policies = Part(PoliciesRepository)
    suppressions = Part(SuppressionsRepository)
    push_subscriptions = Part(PushSubscriptionsRepository)
    templates = Part(TemplatesRepository)
    rules = Part(RulesRepository)
    webhooks = Part(EndpointsRepository)
    inbox = Part(InboxRepository)

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
