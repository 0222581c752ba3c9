"""The one place where the parts of notifications are wired together."""

from functools import partial

from chassis.access.directory import AccessSource
from chassis.access.tokens import KeySource
from chassis.domain import Clock
from chassis.rpc.server import RpcServer
from chassis.service import Service
from chassis.streams.routes import Streams
from chassis.work.periodic import PeriodicRunner, PeriodicWork
from chassis.work.pruning import pruning
from chassis.work.timers import TimerRunner
from notifications.delivery.recipients import Recipients
from notifications.delivery.wiring import POLICY_CONFLICTS, wire_delivery
from notifications.delivery.wording import Templates
from notifications.description import DESCRIPTION
from notifications.facts import ENCODER
from notifications.feed.api import fact_routes
from notifications.feed.pruning import fact_pruning
from notifications.feed.streaming import FeedHub
from notifications.inbox.api import inbox
from notifications.inbox.operations import SNOOZE_TIMER, come_back
from notifications.inbox.streaming import inbox_stream
from notifications.peers import (
    identity_access,
    identity_administrators,
    identity_permission_holders,
    identity_user_roles,
    peer_recipients,
)
from notifications.personal_data import PERSONAL_DATA
from notifications.push.api import push_routes
from notifications.push.keys import PushKeys
from notifications.reactions import SUBSCRIPTIONS
from notifications.rpc import NOTIFICATIONS_SERVICE
from notifications.rules.holders import PermissionHolders
from notifications.rules.wiring import wire_rules
from notifications.secrecy import Secrecy
from notifications.settings import NotificationsSettings
from notifications.signals import FEED_CHANNEL, Signals
from notifications.templates.api import CONFLICTS as TEMPLATE_CONFLICTS
from notifications.templates.wiring import wire_templates
from notifications.transaction import NotificationsTx
from notifications.webhooks.owner_rights import UserRoles
from notifications.webhooks.wiring import wire_webhooks


def build(
    settings: NotificationsSettings,
    *,
    clock: Clock | None = None,
    keys: KeySource | None = None,
    access: AccessSource | None = None,
    recipients: Recipients | None = None,
    templates: Templates | None = None,
    user_roles: UserRoles | None = None,
    holders: PermissionHolders | None = None,
) -> Service[NotificationsTx]:
    """Notifications, ready to be started; tests hand in who signs tokens and who knows the roles."""
    signals = Signals()
    secrecy = Secrecy(settings)
    service = Service(
        DESCRIPTION,
        settings,
        partial(NotificationsTx, signals=signals, secrecy=secrecy),
        facts=ENCODER,
        conflicts={**TEMPLATE_CONFLICTS, **POLICY_CONFLICTS},
        access=lambda _database: access or identity_access(settings, DESCRIPTION.name),
        clock=clock,
        keys=keys,
    )
    signals.wake_streams(service.database)
    feed = FeedHub(service.database, service.operations, DESCRIPTION.name)
    service.stream(Streams((feed.route(), inbox_stream(feed)), (FEED_CHANNEL,), feed.woken))
    service.serve(fact_routes(service.tokens), inbox)
    service.beside_requests(_rpc_server(service))
    service.react(*SUBSCRIPTIONS)
    user_roles = user_roles or identity_user_roles(settings, DESCRIPTION.name)
    administrators = identity_administrators(settings, DESCRIPTION.name)
    webhooks = wire_webhooks(service, settings, signals, secrecy, user_roles, administrators)
    works = [*_pruning(service), *webhooks.works]
    recipients = recipients or peer_recipients(settings, DESCRIPTION.name, service.ids)
    own_templates = wire_templates(service, recipients)
    delivery = wire_delivery(service, settings, secrecy, recipients, templates or own_templates)
    service.serve(*webhooks.routes, *delivery.routes, push_routes(PushKeys(secrecy)))
    service.http.add_pages(*delivery.pages)
    service.at_work(delivery.runner)
    holders = holders or identity_permission_holders(settings, DESCRIPTION.name)
    works += [*delivery.works, *wire_rules(service, signals, holders)]
    periodic = PeriodicRunner(service.database, works, service.clock)
    service.at_work(_timers(service), webhooks.sender, signals, periodic)
    return service


def _rpc_server(service: Service[NotificationsTx]) -> RpcServer:
    """What answers other services."""
    return RpcServer(
        service.settings,
        service.authenticator,
        service.operations,
        [NOTIFICATIONS_SERVICE, PERSONAL_DATA],
        is_ready=service.database.is_reachable,
    )


def _pruning(service: Service[NotificationsTx]) -> list[PeriodicWork]:
    return [
        *pruning(service.database, service.clock),
        *fact_pruning(service.database, service.clock),
    ]


def _timers(service: Service[NotificationsTx]) -> TimerRunner[NotificationsTx]:
    timers = {SNOOZE_TIMER: come_back}
    return TimerRunner(
        service.database, service.operations, DESCRIPTION.name, timers, service.clock
    )
