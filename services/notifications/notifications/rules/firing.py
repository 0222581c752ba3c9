"""What a rule makes of a fact: nothing, one message to one recipient, or one to each of some holders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast
from uuid import UUID, uuid5

import orjson
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from chassis.events.reactions import Envelope
from notifications.feed.catalogue import fact_types
from notifications.messages.domain import Order, Recipient, Schedule
from notifications.rules import conditions
from notifications.rules.domain import OncePer, RecipientChoice, RecipientKind, RuleDefinition
from notifications.rules.fields import look_up, values_of
from notifications.rules.holders import Holders


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A fact as rules see it: its fields as plain values, with what its envelope says as `fact`."""

    id: UUID
    aggregate_id: UUID
    occurred_at: datetime
    values: Mapping[str, Any]

    @classmethod
    def of(cls, message: Message, envelope: Envelope) -> Occurrence:
        """A fact that has arrived; fields of later versions than this are passed over."""
        about = {
            "id": str(envelope.id),
            "type": envelope.type,
            "aggregate_id": str(envelope.aggregate_id),
            "actor": envelope.actor,
            "occurred_at": envelope.occurred_at.isoformat().replace("+00:00", "Z"),
        }
        values = {**values_of(message), "fact": about}
        return cls(envelope.id, envelope.aggregate_id, envelope.occurred_at, values)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule makes of a fact; without recipient and holders nothing, and `reason` says why."""

    reason: str
    recipient: Recipient | None = None
    holders: Holders | None = None
    variables: Mapping[str, Any] | None = None
    send_at: datetime | None = None
    subject_id: UUID | None = None

    @property
    def recipient_id(self) -> UUID | None:
        """Whose message it is."""
        if self.recipient is None:
            return None
        return self.recipient.person_id or self.recipient.user_id

    def order(self, rule_id: UUID, definition: RuleDefinition, fact_id: UUID) -> Order:
        """The message to queue. Its request is named by rule, recipient and subject, so it is one."""
        if self.recipient is None or self.recipient_id is None or self.subject_id is None:
            raise ValueError("the rule does not fire")
        return Order(
            recipient=self.recipient,
            channel=definition.channel,
            purpose=definition.purpose,
            template=definition.template,
            variables=self.variables or {},
            schedule=Schedule(send_at=self.send_at),
            request_id=request_name(rule_id, self.recipient_id, self.subject_id),
            cause=str(fact_id),
        )


def request_name(rule_id: UUID, recipient_id: UUID, subject_id: UUID) -> str:
    """What names the request for a rule's message, so that there is one."""
    return str(uuid5(rule_id, f"{recipient_id}:{subject_id}"))


CONDITION_FAILS = "condition"
NO_RECIPIENT = "recipient"
FIRES = "fires"


def outcome(definition: RuleDefinition, fact: Occurrence) -> Outcome:
    """What a rule makes of a fact."""
    holds = _condition(definition.fact_type, orjson.dumps(dict(definition.condition)))
    if not holds(fact.values):
        return Outcome(CONDITION_FAILS)
    choice = definition.recipient
    is_for_holders = choice.kind is RecipientKind.HOLDERS
    holders = _holders(choice, fact.values) if is_for_holders else None
    recipient = None if is_for_holders else _recipient(choice, fact.values)
    if recipient is None and holders is None:
        return Outcome(NO_RECIPIENT)
    delay = timedelta(seconds=definition.delay_seconds)
    per_fact = definition.once_per is OncePer.FACT
    return Outcome(
        FIRES,
        recipient,
        holders,
        _variables(definition, fact.values),
        fact.occurred_at + delay if delay else None,
        fact.id if per_fact else fact.aggregate_id,
    )


@lru_cache(maxsize=2_000)
def _condition(fact_type: str, condition: bytes) -> conditions.Holds:
    """A stored condition; one that this version does not understand does not hold."""
    kind = fact_types().get(fact_type)
    if kind is None:
        return lambda _values: False
    descriptor = cast("Descriptor", kind.message.DESCRIPTOR)
    holds, wrong = conditions.checked(orjson.loads(condition), descriptor)
    return (lambda _values: False) if wrong else holds


def _recipient(choice: RecipientChoice, values: Mapping[str, Any]) -> Recipient | None:
    if choice.user_id is not None:
        return Recipient(user_id=choice.user_id)
    found = _id_at(values, choice.field)
    if found is None:
        return None
    if choice.kind is RecipientKind.USER:
        return Recipient(user_id=found)
    return Recipient(person_id=found)


def _holders(choice: RecipientChoice, values: Mapping[str, Any]) -> Holders | None:
    """Whom to ask identity for; None when the fact names no role where the rule wants one."""
    if not choice.field:
        return Holders(choice.permission, choice.reach)
    role_id = _id_at(values, choice.field)
    return None if role_id is None else Holders(choice.permission, choice.reach, role_id)


def _id_at(values: Mapping[str, Any], path: str) -> UUID | None:
    try:
        return UUID(str(look_up(values, path)))
    except ValueError:
        return None


def _variables(definition: RuleDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that have a value; the template's schema says whether one may be missing."""
    found = {
        name: look_up(values, source.field) if source.field else source.value
        for name, source in definition.variables.items()
    }
    return {name: value for name, value in found.items() if value is not None}
