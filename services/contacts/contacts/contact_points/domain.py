"""The ways to reach a person or a company, and what other systems call them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from chassis.domain import Invalid

MOST_TAGS = 100
MOST_EXTERNAL_IDS = 20
"""How many a person or a company may be given; merged people keep all that both had."""


class ContactPointStatus(StrEnum):
    """What is known about whether a contact point still reaches whom it belongs to."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    STALE = "stale"
    BOUNCED = "bounced"
    INVALID = "invalid"


class Channel(StrEnum):
    """The ways on which people are written to or spoken to."""

    EMAIL = "email"
    SMS = "sms"
    LINE = "line"
    CHAT = "chat"
    PHONE = "phone"
    POST = "post"


@dataclass(frozen=True, slots=True)
class EmailPoint:
    """An e-mail address."""

    address: str
    label: str = ""
    primary: bool = False
    status: ContactPointStatus = ContactPointStatus.UNVERIFIED


@dataclass(frozen=True, slots=True)
class PhonePoint:
    """A phone number, in E.164."""

    number: str
    label: str = ""
    primary: bool = False
    status: ContactPointStatus = ContactPointStatus.UNVERIFIED


@dataclass(frozen=True, slots=True)
class Handle:
    """A name on a network: LINE (`network` is `line`) or any social one."""

    network: str
    handle: str
    label: str = ""
    status: ContactPointStatus = ContactPointStatus.UNVERIFIED


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country` is an ISO 3166 code or empty."""

    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    label: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class ExternalId:
    """What another system calls a record; unique per system."""

    system: str
    id: str


def require_room(
    pointer: str, before: Collection[object], after: Collection[object], most: int
) -> None:
    """Check that a list does not grow beyond its bound. Raises `Invalid`."""
    if len(after) > max(most, len(before)):
        raise Invalid.at(pointer, "too_many", f"There are at most {most}: take others away first.")
