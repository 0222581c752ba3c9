"""What goes into a rendering and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.domain import Invalid, Violation


@dataclass(frozen=True, slots=True)
class RecipientFields:
    """What a template may say of whoever gets the message: `{{ recipient.name }}`.

    `time_zone` is an IANA name; times are shown in UTC without one.
    """

    name: str = ""
    given_name: str = ""
    family_name: str = ""
    language: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """What is to be rendered of a version.

    `language` is that of the reader, and may be empty or one that the version does not have.
    `links` are addresses that notifications itself puts in: `{{ links.unsubscribe }}`,
    `{{ links.preferences }}` and `{{ links.browser }}`, each empty unless given.
    """

    channel: str
    language: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    recipient: RecipientFields = field(default_factory=RecipientFields)
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message as it is sent, in the language that it came out in.

    What a channel does not have is empty: only e-mail and post have HTML, only push and inbox a
    link. An e-mail always has a text. A subject or title has no line breaks.
    """

    channel: str
    language: str
    subject: str = ""
    title: str = ""
    text: str = ""
    html: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a part: `line` counts from 1 in its source, and is None where none is known."""

    part: str
    code: str
    message: str
    line: int | None = None

    def violation(self, channel: str, language: str) -> Violation:
        """The same, as a body's error points to it."""
        where = "" if self.line is None else f"line {self.line}: "
        return Violation(
            f"/content/{channel}/{language}/{self.part}", self.code, f"{where}{self.message}"
        )


class TemplateFailed(Invalid):
    """A template that cannot be rendered; trying again with the same variables cannot help."""

    code = "template_failed"
