"""Files that go with what is said about a ticket, and how they may be called (DE-2)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid

LARGEST = 16 * 1024 * 1024
"""How many bytes a file may have."""
LONGEST_NAME = 255
"""How many bytes of UTF-8 a name may have."""
LOOSE_FOR = timedelta(days=1)
"""How long a file is kept that nobody attaches to a message."""
LINK_LASTS = timedelta(days=30)
"""How long a link to a file that a customer was sent can be followed."""
UNNAMED = "attachment"
_TURNING = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
"""Marks that have a name read in another order than it is written: `gpj.exe` as `exe.jpg`."""


@dataclass(frozen=True, slots=True)
class AttachmentStored(Fact):
    """A file is kept."""

    attachment: Attachment


@dataclass(frozen=True, slots=True)
class AttachmentAttached(Fact):
    """It went with a message."""

    attachment: Attachment
    ticket_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class AttachmentRemoved(Fact):
    """It is kept no longer."""

    attachment: Attachment
    at: datetime


@dataclass(kw_only=True)
class Attachment(Aggregate):
    """A file. What is in it is kept outside the database, under the ids of tenant and attachment.

    `content_type` is what its first bytes show. `uploaded_by` is who acted. It belongs to nobody's
    conversation until it goes with a message, and then to the ticket of that message. Once it is
    removed nobody sees it, and the file goes shortly after.
    """

    name: str
    content_type: str
    size: int
    sha256: str
    uploaded_by: str
    uploaded_at: datetime
    message_id: UUID | None = None
    removed_at: datetime | None = None

    def store(self) -> None:
        """Be kept."""
        self.record(AttachmentStored(self))

    def attach(self, ticket_id: UUID, message_id: UUID, now: datetime) -> None:
        """Go with a message. Raises `Conflict` when it went with another one, or is removed."""
        if self.removed_at is not None or self.message_id not in (None, message_id):
            message = "The file went with another message, or is removed."
            raise Conflict(message, code="attachment_not_loose")
        if self.message_id is None:
            self.message_id = message_id
            self.record(AttachmentAttached(self, ticket_id, now))

    def remove(self, now: datetime) -> None:
        """Be kept no longer; nothing happens when it is removed already."""
        if self.removed_at is None:
            self.removed_at = now
            self.record(AttachmentRemoved(self, now))


def require_name(name: str) -> str:
    """A file's name as it is kept. Raises `Invalid` for one that means more than a name."""
    name = unicodedata.normalize("NFC", name)
    if name != clean_name(name):
        message = (
            "A name has no slashes, no control characters, no marks that turn its order round,"
            f" no dots or spaces at its ends, and at most {LONGEST_NAME} bytes."
        )
        raise Invalid.at("name", "file_name", message)
    return name


def clean_name(name: str) -> str:
    """What is left of a name that others have chosen: one plain name, without any path."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(one for one in name if _may_stand(one)).strip(" .\u3000\u00a0")
    while len(kept.encode()) > LONGEST_NAME:
        stem, dot, ending = kept.rpartition(".")
        shorter = kept[:-1] if len(ending) > 10 or not dot else stem[:-1] + dot + ending
        kept = shorter.strip(" .")
    return kept or UNNAMED


def _may_stand(one: str) -> bool:
    return one not in _TURNING and unicodedata.category(one) not in (
        "Cc",
        "Cs",
        "Co",
        "Cn",
        "Zl",
        "Zp",
    )
