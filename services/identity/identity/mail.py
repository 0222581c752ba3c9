"""Sends mail: a port, and what stands behind it on one machine."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from chassis.domain import Clock

log = logging.getLogger("identity.mail")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of plain text."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Whoever brings mail to people.

    Sending never fails the caller: what cannot be sent is logged, and people can ask for it again.
    """

    def send(self, mail: Mail) -> None:
        """Send it, or see that it is sent."""
        ...


class SpoolMailer:
    """Writes each mail as an .eml file into a folder, for a mail program or another to pick up."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    def send(self, mail: Mail) -> None:
        """Write the file under its final name only when it is whole."""
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = self._sender, mail.to, mail.subject
        message["Date"] = self._clock.now()
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        name = f"{self._clock.now():%Y%m%dT%H%M%S}-{uuid4().hex}"
        partial, whole = self._folder / f".{name}", self._folder / f"{name}.eml"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.write_bytes(bytes(message))
            partial.replace(whole)
        except OSError as error:
            log.warning("mail was not spooled", extra={"reason": str(error.strerror)})


class NoMailer:
    """Sends nothing and says so: no way to send mail is set up."""

    def send(self, mail: Mail) -> None:
        """Log that there would have been a mail, but not to whom nor what."""
        del mail
        log.info("no mail was sent: RAPPORT_MAIL_SPOOL is not set")


def mailer_of(spool: Path | None, public_url: str, clock: Clock) -> Mailer:
    """The mailer that the settings ask for; it sends as `no-reply` of the platform's own host."""
    if spool is None:
        return NoMailer()
    host = public_url.partition("://")[2].partition("/")[0].rpartition(":")[0] or "localhost"
    domain = f"[{host}]" if host.replace(".", "").isdigit() else host
    return SpoolMailer(spool, f"Rapport <no-reply@{domain}>", clock)
