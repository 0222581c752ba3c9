"""A worker in a process of its own, for tests that kill it: sends the next message that is due."""

from __future__ import annotations

import json
import sys
from uuid import UUID

from chassis.testing.access import FakeAccessSource
from chassis.testing.tokens import TestTokens
from notifications.app import build
from notifications.delivery.recipients import Addressee
from notifications.delivery.wiring import message_runner, provider_maker
from notifications.secrecy import Secrecy
from notifications.settings import NotificationsSettings
from services.notifications.tests.fakes import FakeRecipients, FakeTemplates


def main() -> None:
    """Send what is due; the settings and the one recipient come through standard input."""
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
    message_runner(service, settings, secrecy, providers, recipients, templates).run_next()
    service.stop()


if __name__ == "__main__":
    main()
