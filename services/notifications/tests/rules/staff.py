"""A tenant whose rules tell holders of permissions, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.events.reactions import Envelope, RawFact
from chassis.storage.statements import Statement
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from notifications.rules.reactions import fire_rules
from notifications.rules.telling import HolderTeller
from notifications.transaction import NotificationsTx
from rapport.loyalty.events.v1.adjustment_events_pb2 import AdjustmentRequested
from rapport.loyalty.v1.adjustment_pb2 import Adjustment
from services.notifications.tests.fakes import FakePermissionHolders

DATABASE = "notifications_holders"
RULES = "/v1/notifications/rules"
APPROVE = "loyalty.adjustments.approve"
REQUESTED = "rapport.loyalty.events.v1.AdjustmentRequested"
SUBMITTED = "rapport.sales.events.v1.QuoteSubmitted"
_MESSAGES = Statement(
    "SELECT user_id, variables->>'text' AS text, cause FROM messages"
    " WHERE tenant_id = %(tenant_id)s ORDER BY created_at, id"
)
_WAITING = Statement("SELECT count(*) AS many FROM rule_tellings WHERE tenant_id = %(tenant_id)s")


@dataclass
class Staff:
    """A tenant whose rules tell holders; nothing is told before the test says so."""

    harness: ServiceHarness[NotificationsTx]
    holders: FakePermissionHolders
    clock: MovableClock
    tenant_id: UUID = field(default_factory=uuid4)

    @property
    def admin(self) -> ApiClient:
        """An app that may do everything, and whose token outlives all that clocks do here."""
        token = self.harness.tokens.sign(
            sub="test-app", client_id="test-app", tid=str(self.tenant_id), scope="*", exp=2**40
        )
        return ApiClient(self.harness.app, token, self.tenant_id)

    def run(self, operation: Any, *arguments: Any) -> Any:
        """Do something as the service itself."""
        caller = service_caller("notifications", self.tenant_id)
        return self.harness.service.operations.run(caller, operation, *arguments)

    def teller(self) -> HolderTeller:
        """What a worker tells with."""
        service = self.harness.service
        return HolderTeller(
            service.database, service.operations, self.holders, "notifications", self.clock
        )

    def tell(self) -> None:
        """Tell what is due."""
        self.teller().tell_due()

    def say(self, fact: Message, about: UUID | None = None, actor: str = "service:test") -> RawFact:
        """Have a fact arrive."""
        envelope = Envelope(
            id=uuid4(),
            type=fact.DESCRIPTOR.full_name,
            tenant_id=self.tenant_id,
            aggregate_id=about or uuid4(),
            aggregate_version=1,
            actor=actor,
            occurred_at=self.clock.now(),
            traceparent=None,
        )
        raw = RawFact(fact.SerializeToString(), envelope)
        self.run(fire_rules, [raw])
        return raw

    def told(self) -> list[UUID]:
        """Whose messages are queued."""
        rows = self.run(lambda tx: tx.fetch_all(_MESSAGES, {"tenant_id": self.tenant_id}))
        return [row["user_id"] for row in rows]

    def waiting(self) -> int:
        """How much is still to be told."""
        row = self.run(lambda tx: tx.fetch_one(_WAITING, {"tenant_id": self.tenant_id}))
        return int(row["many"])


def body(**changes: Any) -> dict[str, Any]:
    """A rule that tells those who approve of adjustments."""
    return {
        "name": "Waiting",
        "fact_type": REQUESTED,
        "template": "message",
        "channel": "inbox",
        "recipient": {"kind": "holders", "permission": APPROVE},
        "variables": {"subject": {"value": "Waiting"}, "text": {"field": "adjustment_id"}},
        **changes,
    }


def defined(staff: Staff, **changes: Any) -> str:
    """The address of a new rule."""
    answer = staff.admin.post(RULES, body(**changes))
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def asked(points: int = 500, until: datetime | None = None) -> AdjustmentRequested:
    """Somebody asks for points, which wait for a second person until then."""
    fact = AdjustmentRequested(
        adjustment_id=str(uuid4()), adjustment=Adjustment(points=points, asked_by="user:x")
    )
    if until is not None:
        fact.waits_until.CopyFrom(Timestamp(seconds=int(until.timestamp())))
    return fact


def pointers(answer: ApiAnswer) -> list[str]:
    """What a refusal points at."""
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json["errors"]]
