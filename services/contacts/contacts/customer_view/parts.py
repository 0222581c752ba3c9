"""What a view of a customer is made of, and why a part of it may not be there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from google.protobuf.message import Message


class Part(StrEnum):
    """The parts that can be missing; the person is always there."""

    COMPANY = "company"
    CONSENTS = "consents"
    TIMELINE = "timeline"
    SALES = "sales"
    DEALS = "deals"
    QUOTES = "quotes"
    ORDERS = "orders"
    SUBSCRIPTIONS = "subscriptions"
    TICKETS = "tickets"
    LOYALTY = "loyalty"
    MESSAGES = "messages"


class Reason(StrEnum):
    """Why a part is missing."""

    UNAVAILABLE = "unavailable"
    """Who has it does not answer, or not with what it should."""
    TIMEOUT = "timeout"
    FORBIDDEN = "forbidden"
    NOT_DEPLOYED = "not_deployed"


@dataclass(frozen=True, slots=True, order=True)
class Missing:
    """A part that could not be had."""

    part: Part
    reason: Reason


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom others are asked about."""

    person_id: UUID
    company_id: UUID | None


@dataclass(frozen=True, slots=True)
class Told:
    """What a service has told: as it came, and as the API shows it."""

    message: Message
    shown: Any


@dataclass(slots=True)
class OwnSides:
    """What contacts itself knows of a customer, as far as the caller may see it."""

    contact_points: Sequence[Mapping[str, Any]] = ()
    consents: Sequence[Mapping[str, Any]] | None = None
    timeline: Sequence[Mapping[str, Any]] | None = None
    missing: list[Missing] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Who:
    """The person, and the company that they work at; `company` is None, too, when it may not be seen."""

    person: Mapping[str, Any]
    company_id: UUID | None
    company: Mapping[str, Any] | None
    missing: tuple[Missing, ...] = ()

    @property
    def customer(self) -> Customer:
        """Whom to ask others about; about a company only where it may be seen."""
        return Customer(self.person["id"], None if self.company is None else self.company_id)

    @property
    def last_seen_at(self) -> datetime | None:
        """When there was last a sign of life."""
        seen: datetime | None = self.person["last_seen_at"]
        return seen


@dataclass(frozen=True, slots=True)
class View:
    """A customer from all sides."""

    who: Who
    own: OwnSides
    told: Mapping[Part, Told]
    missing: Sequence[Missing]
