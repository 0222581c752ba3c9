"""How values of loyalty are written into facts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis import domain
from rapport.common.v1.money_pb2 import Money

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def id_or_none(value: UUID | None) -> str | None:
    """An id that may be absent."""
    return None if value is None else str(value)


def money(amount: Decimal, currency: str) -> Money:
    """An amount in plain notation."""
    return Money(amount=f"{amount:f}", currency=currency)


def money_or_none(given: domain.Money | None) -> Money | None:
    """An amount that may be absent."""
    return None if given is None else money(given.amount, given.currency)


def moment(at: datetime) -> Timestamp:
    """A time in UTC; as `Timestamp.FromDatetime`, which goes by way of the calendar, in a third of its time."""
    since = at - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1_000)


def moment_or_none(at: datetime | None) -> Timestamp | None:
    """A time that may be absent."""
    return None if at is None else moment(at)
