"""Notifications as it sends: driven by hand, with a real mail server and a clock of the test's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa

from chassis.context import service_caller
from chassis.http.reply import dump
from chassis.storage.scope import EVERYTHING
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from notifications.delivery.queue import MessageQueue
from notifications.delivery.recipients import Addressee
from notifications.delivery.runner import MessageRunner
from notifications.messages.domain import Content, Message, Order, Recipient
from notifications.messages.operations import queue_message
from notifications.messages.queries import get_message
from notifications.transaction import NotificationsTx
from services.notifications.tests.fakes import FakeRecipients
from services.notifications.tests.mail_sink import MailSink

HELLO = Content("Hello 王小明", "Your order is on its way.", "<p>Your order is on its way.</p>")


class TestClock:
    """Shows real time, moved by as much as the test says."""

    __test__ = False

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.fixed: datetime | None = None

    def now(self) -> datetime:
        """The time."""
        return (self.fixed or datetime.now(UTC)) + self.ahead

    def set(self, moment: datetime) -> None:
        """Stop the clock at a moment."""
        self.fixed, self.ahead = moment, timedelta()

    def advance(self, **by: float) -> None:
        """Put the clock on."""
        self.ahead += timedelta(**by)


@dataclass
class SendingNotifications:
    """The service with one worker that works when told to."""

    harness: ServiceHarness[NotificationsTx]
    runner: MessageRunner
    queue: MessageQueue
    clock: TestClock
    recipients: FakeRecipients
    sink: MailSink
    tenant_id: UUID = field(default_factory=uuid4)

    @property
    def client(self) -> ApiClient:
        """An app that may do everything."""
        return self.harness.app_client(self.tenant_id)

    def person(self, address: str | None = None, **about: Any) -> UUID:
        """A new person with an address of their own."""
        person_id = uuid4()
        known = {"name": "王小明", "language": "zh-Hant", "time_zone": "Asia/Taipei", **about}
        address = f"{person_id.hex}@example.com" if address is None else address
        return self.recipients.know(Addressee(person_id, address, "point-1", **known))

    def address_of(self, person_id: UUID) -> str:
        """Where a person gets mail."""
        return self.recipients.people[person_id].address

    def queue_to(self, person_id: UUID, **order: Any) -> UUID:
        """Queue a message with content to a person."""
        options: dict[str, Any] = {"channel": "email", "content": HELLO, **order}
        return self.order(Order(Recipient(person_id=person_id), **options))

    def order(self, order: Order) -> UUID:
        """Queue a message."""
        queued: Message = self.run(queue_message, order)
        return queued.id

    def run(self, operation: Any, *args: Any) -> Any:
        """Run an operation in the service's own name."""
        caller = service_caller("notifications", self.tenant_id)
        return self.harness.service.operations.run(caller, operation, *args)

    def work(self) -> None:
        """Send all that is due now, of this tenant or others."""
        for _ in range(1000):
            if self.runner.run_next() > 0:
                return
        raise AssertionError("the queue does not become empty")

    def message(self, message_id: UUID) -> Message:
        """A message as it stands."""
        found: Message = self.run(lambda tx: tx.messages.get(message_id))
        return found

    def shown(self, message_id: UUID) -> Mapping[str, Any]:
        """A message as the API shows it, also when the clock is where no token is valid."""
        caller = service_caller("notifications", self.tenant_id)
        read = self.harness.service.operations.read
        found: Mapping[str, Any] = orjson.loads(
            dump(read(caller, EVERYTHING, get_message, message_id))
        )
        return found

    def fact_types(self) -> list[str]:
        """The facts about this tenant, oldest first."""
        return [kind.rpartition(".")[2] for kind, _ in self.harness.facts(self.tenant_id)]

    def mail_to(self, person_id: UUID) -> list[Any]:
        """What a person got."""
        return self.sink.mail_to(self.address_of(person_id))

    def rows_with(self, *words: str) -> list[str]:
        """Rows of this tenant that have any of these words in them, facts in the outbox aside."""
        database = self.harness.service.database
        found = []
        with database.tenant_transaction(self.tenant_id) as connection:
            tables = connection.execute(_TENANT_TABLES).scalars().all()
            for table in tables:
                rows = connection.execute(sa.text(f"SELECT t::text FROM {table} t")).scalars()  # noqa: S608
                found += [f"{table}: {row}" for row in rows if any(word in row for word in words)]
        return found


_TENANT_TABLES = sa.text(
    "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
    " AND column_name = 'tenant_id' AND table_name NOT IN ('outbox', 'message_moves')"
)
