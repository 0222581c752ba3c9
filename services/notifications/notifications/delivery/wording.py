"""What a message says: the content that came with it, or what its template makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chassis.context import Caller
from chassis.domain import DomainError
from notifications.delivery.recipients import Addressee
from notifications.messages.domain import Content


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be rendered. `links` are addresses of pages about this message, by name."""

    template: str
    channel: str
    variables: Mapping[str, Any]
    addressee: Addressee
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Worded:
    """The words, and the language that they are in."""

    content: Content
    language: str


class CannotWord(DomainError):
    """A template that does not exist, or cannot be rendered with what it is given."""

    code = "template_failed"


class Templates(Protocol):
    """Whoever renders templates; never asked within a transaction."""

    def word(self, caller: Caller, wanted: Wanted) -> Worded:
        """The words of a message. Raises `CannotWord`, `Unavailable`."""
        ...


class NoTemplates:
    """A tenant without any template."""

    def word(self, caller: Caller, wanted: Wanted) -> Worded:
        """There is none."""
        del caller
        raise CannotWord(f"There is no template {wanted.template}.")
