"""The one place where the parts of identity are wired together."""

from __future__ import annotations

from chassis.access.directory import AccessSource
from chassis.access.tokens import KeySource
from chassis.clock import SystemClock
from chassis.domain import Clock, IdFactory
from chassis.outbound.smtp import MailServer
from chassis.rpc.server import RpcServer
from chassis.service import Service
from chassis.work.periodic import PeriodicRunner
from chassis.work.pruning import pruning
from identity.access import OwnAccessSource
from identity.audit.api import audit_entries
from identity.audit.operators_api import operators_audit
from identity.clients.api import clients
from identity.description import DESCRIPTION
from identity.facts import ENCODER
from identity.keys.ring import LateKeys
from identity.mail import Mailer, NoMailer
from identity.oauth.wiring import SignInParts, add_sign_in, sign_in_works
from identity.permissions.api import own_permissions, permissions
from identity.personal_data import PERSONAL_DATA
from identity.problems import CONFLICTS
from identity.reactions import SUBSCRIPTIONS
from identity.roles.api import roles
from identity.rpc import IDENTITY_SERVICE
from identity.settings import IdentitySettings
from identity.sign_in.throttle import Throttle
from identity.smtp_mailer import SmtpMailer
from identity.teams.api import teams
from identity.tenants.api import founding_routes, own_tenant, tenants
from identity.transaction import IdentityTx
from identity.users.api import invitation_routes, own_profile, users
from identity.users.invitation_mail import InvitationMail
from identity.users.invitations import Invitations


def build(
    settings: IdentitySettings,
    *,
    clock: Clock | None = None,
    ids: IdFactory | None = None,
    keys: KeySource | None = None,
    access: AccessSource | None = None,
    mailer: Mailer | None = None,
) -> Service[IdentityTx]:
    """Identity, ready to be started."""
    return wire(settings, clock=clock, ids=ids, keys=keys, access=access, mailer=mailer)[0]


def wire(
    settings: IdentitySettings,
    *,
    clock: Clock | None = None,
    ids: IdFactory | None = None,
    keys: KeySource | None = None,
    access: AccessSource | None = None,
    mailer: Mailer | None = None,
) -> tuple[Service[IdentityTx], SignInParts]:
    """Identity with the parts that sign people in, for tests that look at these."""
    clock = clock or SystemClock()
    own_keys = LateKeys()
    service = Service(
        DESCRIPTION,
        settings,
        IdentityTx,
        facts=ENCODER,
        access=lambda database: access or OwnAccessSource(database, clock),
        conflicts=CONFLICTS,
        clock=clock,
        ids=ids,
        keys=keys or own_keys,
    )
    mailer = mailer or _mailer(service, settings)
    _administration(service, settings, mailer)
    sign_in = add_sign_in(service, settings, mailer, own_keys)
    service.beside_requests(
        RpcServer(
            settings,
            service.authenticator,
            service.operations,
            [IDENTITY_SERVICE, PERSONAL_DATA],
            is_ready=service.database.is_reachable,
        )
    )
    service.react(*SUBSCRIPTIONS)
    works = [*pruning(service.database, clock), *sign_in_works(service, sign_in)]
    service.at_work(PeriodicRunner(service.database, works, clock))
    return service, sign_in


def _mailer(service: Service[IdentityTx], settings: IdentitySettings) -> Mailer:
    """Whoever sends mail; both roles do: requests send invitations, the worker reset links."""
    if settings.mail_smtp_url is None:
        return NoMailer()
    server = MailServer.of_url(settings.mail_smtp_url.get_secret_value())
    mailer = SmtpMailer.to(server, settings.mail_sender, service.clock)
    service.beside_requests(mailer)
    service.at_work(mailer)
    return mailer


def _administration(
    service: Service[IdentityTx], settings: IdentitySettings, mailer: Mailer
) -> None:
    """Tenants, users, teams, roles, apps and the audit log."""
    secret = settings.signing_secret.get_secret_value()
    throttle = Throttle(service.database, service.clock, secret)
    invitations = Invitations(settings.public_url, mailer, throttle)
    service.serve(own_tenant, tenants, founding_routes(invitations, service.ids))
    service.serve(own_profile, users, invitation_routes(invitations))
    service.at_work(
        InvitationMail(service.database, service.operations, invitations, mailer, service.clock)
    )
    service.serve(roles, permissions, own_permissions)
    service.serve(teams, clients, audit_entries, operators_audit)
