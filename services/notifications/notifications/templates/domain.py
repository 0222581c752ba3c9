"""What a template is: a draft that is worked on, and numbered versions that stay as they are (NO-2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, NotFound, Unpublished

KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")

Parts = Mapping[str, str]
"""What a message says on one channel in one language: the source of each of its parts."""
Content = Mapping[str, Mapping[str, Parts]]
"""By channel, then by language."""


class Category(StrEnum):
    """What a template is for: with a promotional one goes a way to unsubscribe."""

    TRANSACTIONAL = "transactional"
    PROMOTIONAL = "promotional"


@dataclass(frozen=True, slots=True)
class Draft:
    """All that somebody writes about a template. `variables` is a JSON Schema of an object."""

    name: str
    category: Category = Category.TRANSACTIONAL
    default_language: str = "en"
    variables: Mapping[str, Any] = field(default_factory=dict)
    content: Content = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompiledHtml:
    """HTML made from MJML, with the Jinja of its source in it.

    `lines` says for each of its lines which line of the source it comes from.
    """

    html: str
    lines: tuple[int, ...]


Compiled = Mapping[str, Mapping[str, CompiledHtml]]
"""What became of the MJML of a version, by channel and language."""


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """What was published under a number and does not change any more.

    The ones that come with the platform have the number 0, as has a draft that is tried out.
    """

    template_id: UUID
    key: str
    number: int
    draft: Draft
    compiled: Compiled = field(default_factory=dict)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that it has something to say on."""
        return tuple(self.draft.content)


@dataclass(frozen=True, slots=True)
class TemplateCreated(Fact):
    """A template was begun; nothing can be sent with it yet."""

    template_id: UUID
    key: str


@dataclass(frozen=True, slots=True)
class TemplateDraftChanged(Unpublished):
    """Somebody works on the draft; nobody outside need hear of that."""


@dataclass(frozen=True, slots=True)
class TemplatePublished(Fact):
    """A version is live from now on: a new one, or an older one that was taken back."""

    template_id: UUID
    key: str
    number: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class TemplateArchived(Fact):
    """Nothing is sent with the template any more."""

    template_id: UUID
    key: str


@dataclass(frozen=True, slots=True)
class TemplateRestored(Fact):
    """An archived template is back in use."""

    template_id: UUID
    key: str


@dataclass(kw_only=True)
class Template(Aggregate):
    """A template of a tenant. `live` is the number of the version that is sent, if any was."""

    key: str
    draft: Draft
    live: int | None = None
    latest: int = 0
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @classmethod
    def create(cls, template_id: UUID, key: str, draft: Draft, now: datetime) -> Template:
        """A new template. Raises `Invalid` for a key that cannot be."""
        if KEY.fullmatch(key) is None:
            message = "A key has 1 to 63 of a-z, 0-9 and _, and begins with a letter."
            raise Invalid.at("/key", "key_malformed", message)
        template = cls(id=template_id, key=key, draft=draft, created_at=now, updated_at=now)
        template.record(TemplateCreated(template_id, key))
        return template

    def write(self, draft: Draft, now: datetime) -> None:
        """Take over another draft; what is live stays. Raises `Conflict` for an archived one."""
        self._require_in_use()
        if draft != self.draft:
            self.draft, self.updated_at = draft, now
            self.record(TemplateDraftChanged())

    def release(self, compiled: Compiled, now: datetime) -> TemplateVersion:
        """Make the draft a version, and have it sent from now on.

        Raises `Conflict` for an archived one.
        """
        self._require_in_use()
        self.latest += 1
        self._go_live(self.latest, now, is_new=True)
        return TemplateVersion(self.id, self.key, self.latest, self.draft, compiled)

    def roll_back(self, number: int, now: datetime) -> None:
        """Have a version sent again that was published before.

        Nothing happens when it is live. Raises `NotFound`, `Conflict` for an archived template.
        """
        self._require_in_use()
        if not 1 <= number <= self.latest:
            raise NotFound.of("version", number)
        if number != self.live:
            self._go_live(number, now, is_new=False)

    def archive(self, now: datetime) -> None:
        """Send nothing with it any more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(TemplateArchived(self.id, self.key))

    def restore(self, now: datetime) -> None:
        """Take back into use, with the version that was live; nothing happens to one that is."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(TemplateRestored(self.id, self.key))

    def _go_live(self, number: int, now: datetime, *, is_new: bool) -> None:
        self.live, self.updated_at = number, now
        self.record(TemplatePublished(self.id, self.key, number, is_new))

    def _require_in_use(self) -> None:
        if self.archived_at is not None:
            raise Conflict("The template is archived; restore it first.", code="archived")
