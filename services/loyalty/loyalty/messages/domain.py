"""What loyalty has notifications tell a person: any aggregate may record that it asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from chassis.domain import Fact


@dataclass(frozen=True, slots=True)
class MessageAsked(Fact):
    """One message to one person, by a template of notifications.

    `request_id` names the wish: a second one with the same id is the same message, so make it by
    `request_id_of`. `purpose` is a key of contacts' purposes, empty for what needs no consent.
    `variables` fill the template and hold no names of people and no addresses; texts may be by language. After `expires_at` a message
    that still waits is dropped.
    """

    request_id: UUID
    person_id: UUID
    template: str
    purpose: str = ""
    variables: Mapping[str, str | int | Mapping[str, str]] = field(default_factory=dict)
    expires_at: datetime | None = None


def request_id_of(about: UUID, occasion: str) -> UUID:
    """The id of the one message about something on an occasion, such as `expiry:2031-03-31:30`."""
    return uuid5(about, f"message:{occasion}")
