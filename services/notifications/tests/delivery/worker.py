"""A worker in a process of its own, for tests that kill it: sends messages that are due, one after the other."""

from __future__ import annotations

import json
import sys
import time
from threading import Event
from uuid import UUID

from chassis.testing.access import FakeAccessSource
from chassis.testing.tokens import TestTokens
from notifications.app import build
from notifications.delivery.recipients import Addressee
from notifications.delivery.wiring import message_runner, provider_maker
from notifications.secrecy import Secrecy
from notifications.settings import NotificationsSettings
from services.notifications.tests.fakes import FakeRecipients, FakeTemplates

_SECONDS = 120
"""Whoever is not killed by then is not wanted any more."""


def main() -> None:
    """Send what is due, of other tests too, whose recipients are nobody here.

    The settings and the one recipient come through standard input.
    """
    told = json.load(sys.stdin)
    settings = NotificationsSettings(**told["settings"])
    recipients, templates = FakeRecipients(), FakeTemplates()
    recipients.know(Addressee(UUID(told["person_id"]), told["address"], "point-1"))
    service = build(
        settings,
        keys=TestTokens().key_source(),
        access=FakeAccessSource(),
        recipients=recipients,
        templates=templates,
    )
    secrecy = Secrecy(settings)
    providers = provider_maker(settings, secrecy, service.operations)
    runner = message_runner(service, settings, secrecy, providers, recipients, templates)
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        Event().wait(min(runner.run_next(), 0.1))
    service.stop()


if __name__ == "__main__":
    main()
