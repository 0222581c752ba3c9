"""Reads mail as it comes: whatever is wrong with it, there is an answer, and in bounded time.

The standard library's parser is given nothing that it takes long over: the numbers of lines, parts
and headers are counted before. Headers are read by hand, since its own reading of them raises for
some of what there is in the world.
"""

from __future__ import annotations

import email
import email.parser
import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import Message
from email.policy import Compat32, compat32
from email.utils import parsedate_to_datetime

from desk.mail_reading import signs
from desk.mail_reading.bounds import MOST_HEADER_BYTES, MOST_PARTS, too_much
from desk.mail_reading.charsets import clean, decoded, header_text
from desk.mail_reading.domain import (
    LONGEST_HTML,
    LONGEST_ID,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MOST_FILES,
    MOST_RECIPIENTS,
    MOST_REFERENCES,
    MailFile,
    ParsedMail,
)
from desk.mail_reading.markup import text_of
from desk.mail_reading.markup import without_quotation as html_without_quotation
from desk.mail_reading.quoting import without_quotation

_DEEPEST = 20
_LONGEST_SOURCE = 1_000_000
_LONGEST_MARKUP = 400_000
_LONGEST_HEADER = 20_000
_ID = re.compile(r"<([\x21-\x3b\x3d\x3f-\x7e]{1,480})>")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]{1,189}")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_REMARK = re.compile(r"\([^()]*\)")
_ANGLES = re.compile(r"<([^<>]*)>")
_DEFECTS = (
    RecursionError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    MessageError,
)
"""What defects of the parser raise, which mail in the world finds."""
_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_ENDINGS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
}


class _AsItCame(Compat32):
    """Writes headers as they were read: folding them anew raises for some, and changes others."""

    def fold_binary(self, name: str, value: str) -> bytes:
        lines = f"{name}: {value}\n".replace("\r\n", "\n").replace("\n", self.linesep)
        return lines.encode("ascii", "surrogateescape")


_AS_IT_CAME = _AsItCame()


def read_mail(raw: bytes, envelope_sender: str | None = None) -> ParsedMail:
    """What a mail says; `envelope_sender` is the return path where whoever hands it over says so."""
    digest = hashlib.sha256(raw).hexdigest()
    why = too_much(raw)
    if why:
        return ParsedMail(digest, unreadable=why)
    try:
        mail = email.message_from_bytes(raw, policy=compat32)
        return _read(mail, digest, envelope_sender)
    except _DEFECTS:
        # Somebody looks at it, nobody loses it.
        return ParsedMail(digest, unreadable="malformed")


def read_name(raw: bytes) -> tuple[str, str]:
    """Message-ID and sender, as `read_mail` finds them, by the headers alone; empty for what has none.

    A mail that comes again is known by them, whatever it would take to read the rest.
    """
    if too_much(raw):
        return "", ""
    try:
        headers = _headers(email.parser.BytesHeaderParser(policy=compat32).parsebytes(raw))
        message_id = next(iter(_ids(_first(headers, "message-id"))), "")
        return message_id, _mailbox(_first(headers, "from"))[1]
    except _DEFECTS:
        return "", ""


def _read(mail: Message, digest: str, envelope_sender: str | None) -> ParsedMail:
    headers = _headers(mail)
    parts = _parts(mail)
    name, sender = _mailbox(_first(headers, "from"))
    reply_to_name, reply_to = _mailbox(_first(headers, "reply-to"))
    subject = header_text(_first(headers, "subject"))[:LONGEST_SUBJECT]
    return_path = envelope_sender if envelope_sender is not None else _first(headers, "return-path")
    is_empty = return_path.strip() in ("<>", "") and (
        envelope_sender is not None or "return-path" in headers
    )
    text, html = _words(parts, subject)
    bounce = signs.bounce_in(mail, parts)
    returned = _returned(parts) if bounce is not None else ()
    return ParsedMail(
        digest=digest,
        message_id=next(iter(_ids(_first(headers, "message-id"))), ""),
        references=_references(headers),
        returned=returned,
        sender=sender,
        sender_name=name[:LONGEST_SUBJECT],
        reply_to=reply_to,
        reply_to_name=reply_to_name[:LONGEST_SUBJECT],
        recipients=_recipients(headers),
        subject=subject,
        sent_at=_date(_first(headers, "date")),
        text=text,
        html=html,
        files=_files(parts),
        automatic=signs.automatic(headers, sender, subject, empty_return_path=is_empty),
        bounce=bounce,
        spam=signs.spam(headers),
        unreadable="" if sender else "no_sender",
    )


def _headers(mail: Message) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in mail.raw_items():
        headers.setdefault(name.lower(), []).append(str(value)[:_LONGEST_HEADER])
    return headers


def _first(headers: signs.Headers, name: str) -> str:
    return next(iter(headers.get(name, ())), "")


def _parts(mail: Message) -> list[Message]:
    """Parts in their order, without those of mails within, which are files of their own."""
    found: list[Message] = []
    pending = [(mail, 0)]
    while pending and len(found) < MOST_PARTS:
        part, depth = pending.pop()
        found.append(part)
        payload = part.get_payload()
        is_report = part.get_content_type() == "message/delivery-status"
        if (
            isinstance(payload, list)
            and part.get_content_maintype() == "multipart"
            and not is_report
        ):
            inner = [(one, depth + 1) for one in payload if isinstance(one, Message)]
            if depth < _DEEPEST:
                pending.extend(reversed(inner))
    return found


def _words(parts: Sequence[Message], subject: str) -> tuple[str, str]:
    """The text, and the HTML where there is some; neither with what is quoted."""
    bodies = [one for one in parts if _is_body(one)]
    plain = "\n\n".join(_text(one) for one in bodies if one.get_content_type() == "text/plain")
    markup = "\n".join(_text(one) for one in bodies if one.get_content_type() == "text/html")
    html = html_without_quotation(markup[:_LONGEST_MARKUP]) if markup else ""
    plain = plain[:_LONGEST_SOURCE]
    text = without_quotation(plain, subject) if plain.strip() else ""
    if not text:
        text = without_quotation(text_of(html), subject)
    return text[:LONGEST_TEXT], html if len(html) <= LONGEST_HTML else ""


def _is_body(part: Message) -> bool:
    if part.get_content_type() not in ("text/plain", "text/html"):
        return False
    return part.get_content_disposition() != "attachment" and not _name_of(part)


def _text(part: Message) -> str:
    return decoded(_bytes(part)[:_LONGEST_SOURCE], str(part.get_content_charset("")))


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _files(parts: Sequence[Message]) -> tuple[MailFile, ...]:
    found: list[MailFile] = []
    for part in parts:
        kind = part.get_content_type()
        if part.get_content_maintype() == "multipart" or _is_body(part) or len(found) >= MOST_FILES:
            continue
        if kind in ("message/delivery-status", "text/rfc822-headers"):
            continue
        inner = _mail_within(part) if kind == "message/rfc822" else None
        content = _bytes(part) if inner is None else inner.as_bytes(policy=_AS_IT_CAME)
        if content:
            name = _name_of(part) or f"attachment-{len(found) + 1}{_ENDINGS.get(kind, '')}"
            found.append(MailFile(name, content))
    return tuple(found)


def _mail_within(part: Message) -> Message | None:
    payload = part.get_payload()
    first = payload[0] if isinstance(payload, list) and payload else None
    return first if isinstance(first, Message) else None


def _name_of(part: Message) -> str:
    """What the sender calls a file (RFC 2231, or encoded words, which many use instead)."""
    return header_text(part.get_filename("")[:1000])


def _mailbox(value: str) -> tuple[str, str]:
    """Name and address; what stands in quotation marks or brackets is never an address."""
    bare = _unsaid(value)
    found = _ANGLES.search(bare)
    address = _plain(found[1]) if found else _plain(next(iter(_ADDRESS.findall(bare)), ""))
    name = value[: value.rfind("<")] if found else ""
    return header_text(name).strip("\"' "), address


def _recipients(headers: signs.Headers) -> tuple[str, ...]:
    values = [value for name in _TO for value in headers.get(name, ())[:5]]
    found = [_plain(one) for value in values for one in _ADDRESS.findall(_unsaid(value))]
    return tuple(dict.fromkeys(one for one in found if one))[:MOST_RECIPIENTS]


def _unsaid(value: str) -> str:
    """A header's value without what stands in quotation marks or brackets, each looked at once."""
    kept, place = [], 0
    while (begins := value.find('"', place)) >= 0:
        quoted = _QUOTED.match(value, begins)
        if quoted is None:  # nothing ends a quotation from here on
            break
        kept.append(value[place:begins])
        place = quoted.end()
    return _REMARK.sub("", "".join(kept) + value[place:])


def _plain(address: str) -> str:
    """An address in small letters; empty for what is none."""
    address = clean(address.strip()).lower()
    return address if _ADDRESS.fullmatch(address) else ""


def _ids(value: str) -> list[str]:
    found = [clean(one) for one in _ID.findall(value)]
    return [f"<{one}>" for one in found if len(one.encode()) <= LONGEST_ID]


def _references(headers: signs.Headers) -> tuple[str, ...]:
    values = [*headers.get("references", ())[:3], *headers.get("in-reply-to", ())[:3]]
    found = list(dict.fromkeys(one for value in values for one in _ids(value)))
    return tuple(found[-MOST_REFERENCES:])


def _returned(parts: Sequence[Message]) -> tuple[str, ...]:
    """The Message-IDs of the mail that came back."""
    for part in parts:
        inner = _mail_within(part) if part.get_content_type() == "message/rfc822" else None
        if inner is not None:
            return tuple(_ids(str(inner.get("message-id", ""))))
        if part.get_content_type() == "text/rfc822-headers":
            written = email.message_from_bytes(_bytes(part)[:MOST_HEADER_BYTES], policy=compat32)
            return tuple(_ids(str(written.get("message-id", ""))))
    return ()


def _date(value: str) -> datetime | None:
    try:
        sent = parsedate_to_datetime(value)
        return (sent.replace(tzinfo=UTC) if sent.tzinfo is None else sent).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
