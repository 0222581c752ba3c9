"""Commands for signing keys and operators' tokens, run beside the service with its settings."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import click

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import PLATFORM
from chassis.domain import DomainError
from chassis.sealing import CannotUnseal, Sealer
from chassis.settings import WrongSettings, load_settings
from chassis.storage.database import Database
from identity.callers import operator_at_work
from identity.facts import ENCODER
from identity.keys.operations import KeyCare
from identity.keys.ring import KeyRing
from identity.oauth.issuing import TokenIssuer
from identity.operators import AS_OPERATOR, OperatorName
from identity.platform_facts import PlatformFacts
from identity.settings import IdentitySettings


def key_commands(_build: object) -> click.Group:
    """`keys list`, `keys rotate` and `keys withdraw`."""

    @click.group("keys", help="Signing keys.")
    def keys() -> None:
        pass

    @keys.command("list")
    def list_all() -> None:
        """List the keys, newest first, one JSON object a line."""
        _run(lambda ring, _care, _settings: ring.listed())

    @keys.command("rotate")
    @click.option("--at-once", is_flag=True, help="In 45 seconds instead of 10 minutes.")
    @AS_OPERATOR
    def rotate(*, at_once: bool, operator: str) -> None:
        """Publish the next key; it signs as soon as every service is sure to know it."""

        def work(ring: KeyRing, care: KeyCare, _settings: IdentitySettings) -> list[dict[str, Any]]:
            care.rotate(operator_at_work(PLATFORM, operator), at_once=at_once)
            return ring.listed()

        _run(work)

    @keys.command("withdraw")
    @click.argument("kid")
    @AS_OPERATOR
    def withdraw(kid: str, operator: str) -> None:
        """Refuse what a key has signed, within 5 minutes; rotate first.

        Write -- before a KID that begins with a hyphen.
        """

        def work(ring: KeyRing, care: KeyCare, _settings: IdentitySettings) -> list[dict[str, Any]]:
            care.withdraw(operator_at_work(PLATFORM, operator), kid)
            return ring.listed()

        _run(work)

    return keys


def operator_commands(_build: object) -> click.Group:
    """`operators token`."""

    @click.group("operators", help="Those who run the platform.")
    def operators() -> None:
        pass

    @operators.command("token")
    @click.option(
        "--name",
        type=OperatorName(),
        default="operator",
        show_default=True,
        help="Who it is, for the logs and the audit log.",
    )
    @click.option("--minutes", default=5, show_default=True, type=click.IntRange(1, 60))
    def token(name: str, minutes: int) -> None:
        """Print an access token without a tenant: it reaches what needs none, and nothing else."""

        def work(ring: KeyRing, care: KeyCare, settings: IdentitySettings) -> list[dict[str, Any]]:
            clock, token_id = SystemClock(), TimeOrderedIds().new()
            issuer = TokenIssuer(ring, settings.public_url, clock)
            operator, lasts = operator_at_work(PLATFORM, name), timedelta(minutes=minutes)
            made = issuer.for_operator(operator, lasts, token_id)
            care.note_operator_token(operator, token_id, clock.now() + lasts)
            return [{"access_token": made, "expires_in": int(lasts.total_seconds())}]

        _run(work)

    return operators


Work = Callable[[KeyRing, KeyCare, IdentitySettings], list[dict[str, Any]]]


def _run(work: Work) -> None:
    """Do the work and print what it gives, one JSON object a line."""
    try:
        settings = load_settings(IdentitySettings)
    except WrongSettings as error:
        raise click.ClickException(f"wrong settings\n{error}") from None
    clock = SystemClock()
    with closing(Database(settings, "identity")) as database:
        sealer = Sealer(settings.key_encryption_secrets)
        facts = PlatformFacts(ENCODER, clock, TimeOrderedIds())
        care = KeyCare(database, sealer, clock, timedelta(days=settings.signing_key_days), facts)
        ring = KeyRing(database, care, sealer, clock, time.monotonic)
        try:
            answers = work(ring, care, settings)
        except DomainError as error:
            raise click.ClickException(error.message) from None
        except CannotUnseal as error:
            raise click.ClickException(
                f"{error} RAPPORT_KEY_ENCRYPTION_SECRET has to list the secret before, too."
            ) from None
    for answer in answers:
        click.echo(json.dumps(answer, default=str))
