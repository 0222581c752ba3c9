"""Brings invitations to people: the link, and the mail that it comes with."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from identity.domain import email_key
from identity.mail import Mail, Mailer
from identity.sign_in.domain import Subject
from identity.sign_in.throttle import Subjects, Throttle
from identity.tickets import Ticket
from identity.users.domain import User

PAGE = "/p/identity/invitation"

_SUBJECTS = {
    "en": "You are invited to {organisation}",
    "zh-Hant": "{organisation} 邀請您加入",
}
_TEXTS = {
    "en": """\
Hello {name},

you are invited to work with {organisation} on Rapport. Choose a password here:

{link}

The link works once, until {until}. If you did not expect this, do nothing.
""",
    "zh-Hant": """\
{name} 您好：

{organisation} 邀請您一起使用 Rapport。請在此設定密碼：

{link}

此連結只能使用一次，有效期限為 {until}。若您並未預期收到這封信，請不必理會。
""",
}


class Invitations:
    """Makes the link of an invitation, and sends it."""

    def __init__(self, public_url: str, mailer: Mailer, throttle: Throttle) -> None:
        self._public_url = public_url.rstrip("/")
        self._mailer = mailer
        self._throttle = throttle

    def admit(self, tenant_id: UUID | None, email: str) -> None:
        """Count one more mail of an organisation to an address: nobody's mailbox is flooded.

        Raises `TooManyAttempts`.
        """
        self._throttle.attempt(_counted(tenant_id, email))

    def take_back(self, tenant_id: UUID | None, email: str) -> None:
        """It was not sent."""
        self._throttle.take_back(_counted(tenant_id, email))

    def link(self, ticket: Ticket) -> str:
        """The address at which an invitation is accepted."""
        return f"{self._public_url}{PAGE}?ticket={ticket}"

    def send(self, user: User, ticket: Ticket, organisation: str) -> None:
        """Send the link in the user's language; never inside a transaction."""
        self._mailer.send(self.mail(user, ticket, organisation))

    def mail(self, user: User, ticket: Ticket, organisation: str) -> Mail:
        """The link in the user's language."""
        pending = user.invitation
        if pending is None:
            raise ValueError("there is no invitation to send")
        language = _language(user.profile.locale)
        words = {
            "organisation": organisation,
            "name": user.profile.name,
            "link": self.link(ticket),
            "until": _shown(pending.expires_at),
        }
        subject, text = _SUBJECTS[language].format(**words), _TEXTS[language].format(**words)
        return Mail(user.email, subject, text)


def _counted(tenant_id: UUID | None, email: str) -> Subjects:
    return {Subject.INVITATION: f"{tenant_id}:{email_key(email)}"}


def _language(locale: str) -> str:
    return "zh-Hant" if locale.startswith("zh") else "en"


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
