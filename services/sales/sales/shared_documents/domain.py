"""Documents that colleagues share on an opportunity: links to where they are kept (SA-16).

Sales keeps no files. A link is opened by people's browsers and never by sales itself; it is an
`https` address of a host, without a password in it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid

MOST_DOCUMENTS = 200
"""How many documents are shared on one opportunity."""


@dataclass(frozen=True, slots=True)
class DocumentDetails:
    """What somebody enters about a document. `kind` is the tenant's own key, such as `proposal`."""

    name: str
    kind: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class DocumentShared(Fact):
    """A document is there for all who see an opportunity."""

    document: SharedDocument
    shared_by_id: UUID | None


@dataclass(frozen=True, slots=True)
class DocumentChanged(Fact):
    """Something about a document is different."""

    document: SharedDocument
    changed_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentUnshared(Fact):
    """A document is shared no more."""

    document: SharedDocument


@dataclass(kw_only=True)
class SharedDocument(Aggregate):
    """A document on an opportunity; `shared_by` is who acted, `user:…` or `client:…`."""

    opportunity_id: UUID
    details: DocumentDetails
    shared_by: str
    shared_at: datetime
    updated_at: datetime

    def share(self, shared_by_id: UUID | None) -> None:
        """Say that it is there. Raises `Invalid`."""
        _require_sound(self.details)
        self.record(DocumentShared(self, shared_by_id))

    def change(self, details: DocumentDetails, now: datetime) -> None:
        """Take over `details`; nothing happens when nothing differs. Raises `Invalid`."""
        _require_sound(details)
        names = (one.name for one in fields(DocumentDetails))
        changed = tuple(
            sorted(name for name in names if getattr(details, name) != getattr(self.details, name))
        )
        if changed:
            self.details, self.updated_at = details, now
            self.record(DocumentChanged(self, changed))

    def unshare(self) -> None:
        """Be shared no more; the document itself stays where it is kept."""
        self.record(DocumentUnshared(self))


def _require_sound(details: DocumentDetails) -> None:
    if not details.name.strip():
        raise Invalid.at("/name", "name_missing", "A document has a name.")
    _require_link(details.url)


def _require_link(url: str) -> None:
    """Refuse what a browser could take for anything but the address of a page."""
    if any(ord(letter) <= 32 or ord(letter) == 127 or letter == "\\" for letter in url):
        message = "An address has no spaces, control characters or backslashes; encode them."
        raise Invalid.at("/url", "url_malformed", message)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Invalid.at("/url", "url_malformed", "That is no address.") from None
    if parts.scheme != "https":
        raise Invalid.at("/url", "url_not_https", "An address begins with https://.")
    if not host:
        raise Invalid.at("/url", "url_malformed", "An address names a host.")
    if parts.username is not None or parts.password is not None:
        message = "An address with a user or a password in it is not shared."
        raise Invalid.at("/url", "url_with_credentials", message)
