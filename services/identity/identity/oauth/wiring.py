"""Wires signing in: keys, passwords, sessions, pages and the OAuth protocol."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from flask import request

from chassis.http.address import Addresses, neighbourhood
from chassis.http.pages import Pages
from chassis.http.rate_limit import RateLimiter
from chassis.sealing import Sealer
from chassis.service import Service
from chassis.work.periodic import PeriodicWork
from identity.factors.work import FactorWork
from identity.facts import ENCODER
from identity.keys.api import key_routes
from identity.keys.operations import KeyCare
from identity.keys.ring import KeyRing, LateKeys
from identity.lockouts.api import lockout_routes
from identity.lockouts.lifting import Lifting
from identity.mail import Mailer
from identity.oauth.authorize import Authorization
from identity.oauth.clients import ClientDirectory
from identity.oauth.consents_api import own_consents
from identity.oauth.endpoints import DeviceAuthorization, Introspection, Logout, Revocation
from identity.oauth.grants import (
    ClientGrant,
    CodeGrant,
    DeviceGrant,
    IdToken,
    IdTokenForCode,
    RefreshGrant,
    S256Challenge,
)
from identity.oauth.issuing import TokenIssuer
from identity.oauth.logout import LoggingOut
from identity.oauth.protocol import Protocol
from identity.oauth.pruning import sign_in_pruning
from identity.oauth.server import PlatformServer, ProtocolParts
from identity.pages.account_page import AccountPage
from identity.pages.destination import Destinations
from identity.pages.device_pages import DevicePages
from identity.pages.factors_page import FactorsPage
from identity.pages.joining import Joining
from identity.pages.resetting import Resetting
from identity.pages.sealed import SealedState
from identity.pages.second_step import SecondStep
from identity.pages.signing_in import SIGN_IN, SigningIn
from identity.pages.site import HEADERS, ICON, SCRIPT, STYLE, Site
from identity.platform_facts import PlatformFacts
from identity.sessions.api import own_sessions, sessions
from identity.settings import IdentitySettings
from identity.sign_in.api import password_routes
from identity.sign_in.hashing import PasswordCost, PasswordHasher
from identity.sign_in.passwords import Passwords
from identity.sign_in.reset_mail import ResetMail
from identity.sign_in.throttle import Throttle
from identity.transaction import IdentityTx

_THREADS_FOR_OTHERS = 2
"""Of those that answer requests, how many never wait for a password hash."""
_PAGES_PER_MINUTE = 600
"""Page views and forms of one address, in each process; an office may share one."""


@dataclass(frozen=True, slots=True)
class SignInParts:
    """What was wired, for tests and commands."""

    ring: KeyRing
    care: KeyCare
    issuer: TokenIssuer
    passwords: Passwords
    hasher: PasswordHasher
    reset_mail: ResetMail
    clients: ClientDirectory
    addresses: Addresses
    throttle: Throttle
    factors: FactorWork


def add_sign_in(
    service: Service[IdentityTx], settings: IdentitySettings, mailer: Mailer, late: LateKeys
) -> SignInParts:
    """Add signing in to the service."""
    # Authlib writes whole tokens into its debug log.
    logging.getLogger("authlib").setLevel(logging.INFO)
    parts = _parts(service, settings, mailer)
    late.ring = parts.ring
    server = _server(service, settings, parts)
    _add_protocol(service, settings, parts, server)
    _add_pages(service, settings, parts, server)
    service.serve(
        own_sessions,
        sessions,
        own_consents,
        key_routes(parts.ring, parts.care),
        password_routes(parts.passwords, parts.reset_mail, parts.addresses),
        lockout_routes(Lifting(parts.throttle)),
        *parts.factors.routes(parts.passwords, parts.addresses),
    )
    service.beside_requests(parts.ring)
    service.at_work(parts.reset_mail)
    return parts


def sign_in_works(service: Service[IdentityTx], parts: SignInParts) -> list[PeriodicWork]:
    """What has to be done every so often."""
    return [
        PeriodicWork("signing keys", timedelta(minutes=5), parts.care.keep),
        parts.factors.care(service.database),
        *sign_in_pruning(service.database, service.clock),
    ]


def _parts(service: Service[IdentityTx], settings: IdentitySettings, mailer: Mailer) -> SignInParts:
    database, clock, run = service.database, service.clock, service.operations
    secret = settings.signing_secret.get_secret_value()
    sealer = Sealer(settings.key_encryption_secrets)
    facts = PlatformFacts(ENCODER, clock, service.ids)
    care = KeyCare(database, sealer, clock, timedelta(days=settings.signing_key_days), facts)
    ring = KeyRing(database, care, sealer, clock, time.monotonic)
    cost = PasswordCost(settings.password_memory_kib, settings.password_passes)
    at_once = settings.password_hashes_at_once
    waiting = max(1, settings.http_threads - at_once - _THREADS_FOR_OTHERS)
    hasher = PasswordHasher(cost, secret, at_once, waiting)
    throttle = Throttle(database, clock, secret)
    passwords = Passwords(database, run, hasher, throttle, clock)
    return SignInParts(
        ring=ring,
        care=care,
        issuer=TokenIssuer(ring, settings.public_url, clock),
        passwords=passwords,
        hasher=hasher,
        reset_mail=ResetMail(database, run, throttle, mailer, clock, settings.public_url),
        clients=ClientDirectory(database, settings.service_clients, time.monotonic),
        addresses=service.addresses,
        throttle=throttle,
        factors=FactorWork.of(
            run,
            sealer,
            passwords,
            hasher,
            throttle,
            mailer=mailer,
            public_url=settings.public_url,
        ),
    )


def _server(
    service: Service[IdentityTx], settings: IdentitySettings, parts: SignInParts
) -> PlatformServer:
    server = PlatformServer(
        ProtocolParts(
            public_url=settings.public_url,
            clock=service.clock,
            database=service.database,
            run=service.operations,
            clients=parts.clients,
            ring=parts.ring,
            issuer=parts.issuer,
            authenticator=service.authenticator,
            directory=service.directory,
            addresses=parts.addresses,
        )
    )
    server.register_grant(CodeGrant, [S256Challenge(required=True), IdTokenForCode()])
    server.register_grant(RefreshGrant, [IdToken()])
    server.register_grant(DeviceGrant, [IdToken()])
    server.register_grant(ClientGrant)
    for endpoint in (Revocation, Introspection, DeviceAuthorization, Logout):
        server.register_endpoint(endpoint)
    return server


def _add_protocol(
    service: Service[IdentityTx],
    settings: IdentitySettings,
    parts: SignInParts,
    server: PlatformServer,
) -> None:
    protocol = Protocol(server)
    limiter = RateLimiter(settings.rate_limit_per_client, time.monotonic)
    pages = Pages(
        "oauth",
        protocol.refuse,
        admit=lambda: limiter.take(neighbourhood(parts.addresses.of(request))),
        keeps_addresses=True,
    )
    protocol.declare(pages)
    service.http.add_pages(pages)


def _add_pages(
    service: Service[IdentityTx],
    settings: IdentitySettings,
    parts: SignInParts,
    server: PlatformServer,
) -> None:
    sealed = SealedState(settings.signing_secret.get_secret_value(), service.clock)
    site = Site(service.operations, service.clock, sealed, parts.addresses, settings.public_url)
    limiter = RateLimiter(min(_PAGES_PER_MINUTE, settings.rate_limit_per_client), time.monotonic)
    pages = Pages(
        "pages",
        site.refuse,
        admit=lambda: limiter.take(neighbourhood(parts.addresses.of(request))),
        keeps_addresses=True,
        headers=HEADERS,
    )
    destinations = Destinations(parts.clients, service.database, service.clock)
    second = SecondStep(site, parts.passwords, parts.factors.entering, destinations, SIGN_IN)
    signing_in = SigningIn(site, parts.passwords, destinations, second)
    for slice_of_pages in (
        signing_in,
        second,
        FactorsPage(site, parts.factors),
        Resetting(site, parts.passwords, parts.reset_mail),
        Joining(site, parts.passwords, signing_in),
        AccountPage(site, parts.passwords, parts.reset_mail),
        DevicePages(site, service.database, parts.clients, parts.throttle),
        Authorization(site, server),
        LoggingOut(site, server, signing_in),
    ):
        slice_of_pages.declare(pages)
    pages.page(STYLE, public_because="it is the style sheet of all pages")(site.style)
    pages.page(SCRIPT, public_because="it is the script of pages that ask for passkeys")(
        site.script
    )
    pages.page(ICON, public_because="it is the icon of all pages")(site.icon)
    service.http.add_pages(pages)
