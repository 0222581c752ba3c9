"""The one place where the parts of notifications are wired together."""

from functools import partial

from chassis.access.directory import AccessSource
from chassis.access.tokens import KeySource
from chassis.domain import Clock
from chassis.service import Service
from chassis.work.periodic import PeriodicRunner
from chassis.work.pruning import pruning
from notifications.description import DESCRIPTION
from notifications.facts import ENCODER
from notifications.feed.api import fact_routes
from notifications.feed.pruning import fact_pruning
from notifications.peers import identity_access
from notifications.reactions import SUBSCRIPTIONS
from notifications.secrecy import Secrecy
from notifications.settings import NotificationsSettings
from notifications.signals import Signals
from notifications.transaction import NotificationsTx


def build(
    settings: NotificationsSettings,
    *,
    clock: Clock | None = None,
    keys: KeySource | None = None,
    access: AccessSource | None = None,
) -> Service[NotificationsTx]:
    """Notifications, ready to be started; tests hand in who signs tokens and who knows the roles."""
    signals = Signals()
    secrecy = Secrecy(settings)
    service = Service(
        DESCRIPTION,
        settings,
        partial(NotificationsTx, signals=signals, secrecy=secrecy),
        facts=ENCODER,
        access=lambda _database: access or identity_access(settings, DESCRIPTION.name),
        clock=clock,
        keys=keys,
    )
    signals.wake_streams(service.database)
    service.serve(fact_routes(service.tokens))
    service.react(*SUBSCRIPTIONS)
    works = [
        *pruning(service.database, service.clock),
        *fact_pruning(service.database, service.clock),
    ]
    service.at_work(signals, PeriodicRunner(service.database, works, service.clock))
    return service
