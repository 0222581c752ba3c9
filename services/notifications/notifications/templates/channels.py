"""Which parts a message has on each channel, and how long each may be in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from notifications.message_links.domain import LONGEST_LINK


class Channel(StrEnum):
    """A way by which a message reaches somebody."""

    EMAIL = "email"
    SMS = "sms"
    LINE = "line"
    CHAT = "chat"
    PUSH = "push"
    INBOX = "inbox"
    POST = "post"


class Format(StrEnum):
    """What a part is written in, besides Jinja.

    A `line` is text without line breaks: a subject with one would be two headers.
    """

    LINE = "line"
    TEXT = "text"
    URL = "url"
    HTML = "html"
    MJML = "mjml"


@dataclass(frozen=True, slots=True)
class PartRule:
    """One part of a message: its format, and how many characters it may have when rendered."""

    format: Format
    longest: int
    required: bool = False


_SUBJECT = PartRule(Format.LINE, 500, required=True)
_TITLE = PartRule(Format.LINE, 200)
_LINK = PartRule(Format.URL, LONGEST_LINK)
LONGEST_HTML = 1_000_000
"""Most providers refuse mails long before that; what matters is that there is an end."""

PARTS: Mapping[Channel, Mapping[str, PartRule]] = {
    Channel.EMAIL: {
        "subject": _SUBJECT,
        "preheader": PartRule(Format.LINE, 500),
        "mjml": PartRule(Format.MJML, LONGEST_HTML),
        "html": PartRule(Format.HTML, LONGEST_HTML),
        "text": PartRule(Format.TEXT, LONGEST_HTML),
    },
    # Ten segments of a concatenated message.
    Channel.SMS: {"text": PartRule(Format.TEXT, 1_530, required=True)},
    Channel.LINE: {"text": PartRule(Format.TEXT, 5_000, required=True)},
    Channel.CHAT: {"text": PartRule(Format.TEXT, 10_000, required=True)},
    Channel.PUSH: {
        "title": PartRule(Format.LINE, 200, required=True),
        "text": PartRule(Format.TEXT, 2_000, required=True),
        "link": _LINK,
    },
    Channel.INBOX: {
        "title": PartRule(Format.LINE, 200, required=True),
        "text": PartRule(Format.TEXT, 10_000, required=True),
        "link": _LINK,
    },
    Channel.POST: {"title": _TITLE, "html": PartRule(Format.HTML, LONGEST_HTML, required=True)},
}
"""The parts of each channel. An e-mail has MJML or HTML or text alone; its text is made from the
HTML where there is none."""
