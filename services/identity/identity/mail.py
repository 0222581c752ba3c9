"""What identity writes to people: a port, and who sends nothing."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

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

    def deliver(self, mail: Mail) -> bool:
        """Send it now, for whoever can wait; false if it should be tried again later."""
        ...


class NoMailer:
    """Sends nothing and says so: no way to send mail is set up."""

    def send(self, mail: Mail) -> None:
        """Log that there would have been a mail, but not to whom nor what."""
        del mail
        log.info("no mail was sent: RAPPORT_MAIL_SMTP_URL is not set")

    def deliver(self, mail: Mail) -> bool:
        """The same: there is no use in trying again."""
        self.send(mail)
        return True
