"""What a mail says, once it is read: plain values, whatever it looked like (RFC 5322, 2045 to 2047)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_SUBJECT = 200
LONGEST_TEXT = 100_000
LONGEST_HTML = 300_000
LONGEST_ID = 480
MOST_REFERENCES = 50
MOST_RECIPIENTS = 100
MOST_FILES = 50


class Automatic(StrEnum):
    """How far no person wrote a mail (RFC 3834).

    What is `quiet` is never answered by a machine: it comes from one, from a list, or asks for that. A
    `reply` answers a mail by itself, an out-of-office note say.
    """

    NO = ""
    QUIET = "quiet"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that came with a mail; the name is what the sender called it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server says of a mail that it could not deliver (RFC 3464)."""

    recipient: str
    permanent: bool
    detail: str


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail; addresses are in small letters.

    `reply_to` is where the sender wants answers, the first of several. `references` are the oldest first, `returned` those of a mail that came back. `spam` says why it looks unwanted, `unreadable` why nothing is known of it.
    """

    digest: str
    message_id: str = ""
    references: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    sender: str = ""
    sender_name: str = ""
    reply_to: str = ""
    reply_to_name: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    sent_at: datetime | None = None
    text: str = ""
    html: str = ""
    files: tuple[MailFile, ...] = ()
    automatic: Automatic = Automatic.NO
    bounce: Bounce | None = None
    spam: str = ""
    unreadable: str = ""
