"""An external app that is told of facts by webhook, all through the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from standardwebhooks import Webhook

from deploy.demo.external_app import ExternalApp, TokenSource
from services.notifications.tests.webhooks.receiver import Received, Receiver, running_receiver
from tests.reliability.estate import Estate

_ENDPOINTS = "/v1/notifications/webhooks"
_WAITING = "SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting'"


@dataclass(frozen=True)
class Hook:
    """The app's endpoint."""

    receiver: Receiver
    url: str
    secret: str = field(repr=False)

    @property
    def told(self) -> list[str]:
        """The ids of the facts that were delivered, as often as they were."""
        return [one.id for one in self.receiver.at(self.url)]

    @property
    def forged(self) -> list[str]:
        """The ids of deliveries whose signature is not right."""
        return [one.id for one in self.receiver.at(self.url) if not self._is_signed(one)]

    def _is_signed(self, one: Received) -> bool:
        # Compared and not verified: by the end of a run a receiver would find the first ones too old.
        when = datetime.fromtimestamp(float(one.headers["webhook-timestamp"]), UTC)
        signature = Webhook(self.secret).sign(one.id, when, one.body.decode())
        return signature in one.headers["webhook-signature"].split()


@contextmanager
def registered_hook(estate: Estate, tokens: TokenSource) -> Iterator[Hook]:
    """An endpoint for all facts of contacts, there for the length of a block."""
    with running_receiver() as receiver:
        url = receiver.path()
        app = ExternalApp(estate.gateway, tokens)
        made = app.post(_ENDPOINTS, {"url": url, "types": ["rapport.contacts.events.v1.*"]})
        app.close()
        yield Hook(receiver, url, made["secret"])


def undelivered(estate: Estate) -> dict[str, int]:
    """How many deliveries are still to be made, under a name; empty when there are none."""
    [(waiting,)] = estate.query("notifications", _WAITING)
    return {"webhooks": waiting} if waiting else {}
