"""How values of desk are written into facts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis import domain
from rapport.common.v1.money_pb2 import Money


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
    """A time in UTC."""
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def moment_or_none(at: datetime | None) -> Timestamp | None:
    """A time that may be absent."""
    return None if at is None else moment(at)


def moment_written(text: str) -> Timestamp:
    """A time as PostgreSQL writes it into JSON."""
    return moment(datetime.fromisoformat(text))
