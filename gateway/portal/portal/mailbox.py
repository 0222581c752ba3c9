"""The mails that a development platform's mail server has taken: files in a folder, read to be shown."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

_NAME = re.compile(r"(\d{8}T\d{12})-[0-9a-f]{8}")
_TIME = "%Y%m%dT%H%M%S%f"
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A mail in the list."""

    name: str
    received_at: datetime
    sender: str
    recipient: str
    subject: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is shown. `html` is what the sender wrote, not made safe."""

    line: Line
    headers: list[tuple[str, str]]
    text: str
    html: str
    attachments: list[str]
    source: bytes


class Mailbox:
    """Reads a folder of .eml files that carry their time in their names; they never change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: dict[str, Line] = {}

    def newest(self, words: str = "") -> list[Line]:
        """The newest mails, those whose sender, recipient or subject holds the words."""
        wanted = words.casefold()
        found = []
        for line in self._all():
            if wanted in f"{line.sender}\n{line.recipient}\n{line.subject}".casefold():
                found.append(line)
            if len(found) == _SHOWN:
                break
        return found

    def letter(self, name: str) -> Letter | None:
        """A mail, or None if there is none of this name."""
        line = self._line(name)
        if line is None:
            return None
        source = self._path(name).read_bytes()
        message = _parsed(source)
        headers = [
            (key, str(value)) for key, value in message.items() if not key.startswith("X-Envelope-")
        ]
        attachments = [part.get_filename() or "?" for part in message.iter_attachments()]
        return Letter(
            line, headers, _body(message, "plain"), _body(message, "html"), attachments, source
        )

    def _all(self) -> Iterator[Line]:
        for path in sorted(self._folder.glob("*.eml"), reverse=True):
            line = self._line(path.stem)
            if line is not None:
                yield line

    def _line(self, name: str) -> Line | None:
        named = _NAME.fullmatch(name)
        if named is None:
            return None
        if name not in self._lines:
            try:
                source = self._path(name).read_bytes()
            except FileNotFoundError:
                return None
            message = _parsed(source)
            self._lines[name] = Line(
                name=name,
                received_at=datetime.strptime(named[1], _TIME).replace(tzinfo=UTC),
                sender=str(message.get("From", message.get("X-Envelope-From", ""))),
                recipient=str(message.get("X-Envelope-To", message.get("To", ""))),
                subject=str(message.get("Subject", "")),
            )
        return self._lines[name]

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.eml"


def _parsed(source: bytes) -> EmailMessage:
    return email.message_from_bytes(source, policy=email.policy.default)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # an encoding that there is not
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
