"""Reads mail that mail servers send back: delivery reports (RFC 3464) and complaints (RFC 5965)."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.policy import compat32
from uuid import UUID

from notifications.providers.mail import message_in
from notifications.providers.port import Report

_OUR_HEADERS = ("message-id", "in-reply-to", "references", "original-message-id")
_ENVELOPES = ("delivered-to", "x-original-to", "to", "original-recipient", "original-mail-from")
_STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")
_ID_IN_TEXT = re.compile(r"^message-id:\s*(<[^>\s]+>)", re.IGNORECASE | re.MULTILINE)
_MOST_PARTS = 50


@dataclass(frozen=True, slots=True)
class ReturnedMail:
    """What a returned mail says, and of which message; None for one that is none of ours."""

    message_id: UUID | None
    report: Report


def read_returned(raw: bytes) -> ReturnedMail | None:
    """What a mail says that came back; None when it is no report (an out-of-office note, say)."""
    mail = email.message_from_bytes(raw, policy=compat32)
    parts = [part for _, part in zip(range(_MOST_PARTS), mail.walk(), strict=False)]
    if any(part.get_content_type() == "message/feedback-report" for part in parts):
        return ReturnedMail(_message_of(mail, parts), Report("", "complained"))
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            report = _delivery_report(part)
            return None if report is None else ReturnedMail(_message_of(mail, parts), report)
    return None


def _delivery_report(part: Message) -> Report | None:
    """The last word on the recipient: ours have one each."""
    for fields in _groups(part):
        action = str(fields.get("Action", "")).strip().lower()
        status = _STATUS.search(str(fields.get("Status", "")))
        detail = " ".join(str(fields.get("Diagnostic-Code", "")).split())[:300]
        if action == "failed":
            permanent = status is None or status[1] == "5"
            return Report("", "bounced", detail or "failed", permanent=permanent)
        if action in ("delivered", "relayed", "expanded"):
            return Report("", "delivered", detail)
    return None  # delayed: another report will follow


def _groups(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (one for one in payload if isinstance(one, Message))


def _message_of(mail: Message, parts: list[Message]) -> UUID | None:
    """By the return path that names it, or by the Message-ID in what was returned."""
    for part in [mail, *parts]:
        for name in (*_ENVELOPES, *_OUR_HEADERS):
            for value in part.get_all(name, []):
                found = message_in(f"{value}")
                if found is not None:
                    return found
    for part in parts:
        if part.get_content_type() in ("text/rfc822-headers", "message/rfc822"):
            found = _in_text(part)
            if found is not None:
                return found
    return None


def _in_text(part: Message) -> UUID | None:
    payload = part.get_payload(decode=True)
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    found = _ID_IN_TEXT.search(text)
    return None if found is None else message_in(found[1])
